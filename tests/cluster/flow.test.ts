import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../cli/lib/machine/ports.ts';
import { readRecording } from '../../cli/lib/recording/recording.ts';
import type { StepReport } from '../../cli/lib/report/step.ts';
import { APP, CONTROL_SECRET, DATABASE_SECRET } from '../../components/app-manifests.ts';
import {
  CLUSTER,
  LOAD_SECRET,
  NODE_SECRET,
  READER,
  ROOT_SECRET,
  USERS,
  WRITER,
} from '../../components/names.ts';
import { type Ran, runCli } from '../engine/cli.ts';
import { EngineProject } from '../engine/project.ts';
import { namesMissing, opensslVerify } from '../support/certificates.ts';
import { dashboardExpressions, dashboardFiles, ruleExpressions } from '../support/observability.ts';
import { Expression, withoutVariables } from '../support/promql.ts';
import {
  givenSettings,
  hasOperator,
  keepLogs,
  kubectl,
  MISSING,
  ownNamespaces,
  type PodNow,
  runningPods,
  secret,
  through,
} from '../support/test-cluster.ts';

if (MISSING.length > 0) console.warn(`SKIPPED: tests/cluster/flow.test.ts needs ${MISSING.join(' and ')}.`);

const MINUTES = 60_000;
const PHASES = ['phase0', 'phase1', 'phase2'] as const;

/** What a step creates and updates, and nothing else: what the audience reads in the preview. */
const CHANGES: Readonly<Record<string, readonly string[]>> = {
  phase1: [
    'create users-reader',
    'create users-reader-password',
    'update app-database',
    'update backup',
    'update cluster-crdb',
    'update guard',
    'update nodes-live',
    'update replication',
  ],
  phase2: ['update backup', 'update cluster-crdb', 'update guard', 'update nodes-live', 'update replication'],
};

/** The order that makes a step safe, as the lines of `up` show it. Users come in phase 1 only. */
const ORDER: Readonly<Record<string, readonly string[]>> = {
  phase1: [
    'EvolutionBackup backup done',
    'CrdbCluster cluster-crdb ...',
    'NodesLive nodes-live done',
    'Replication replication ...',
    'Replication replication done',
    'User users-reader ...',
    'User users-reader done',
    'Secret app-database ...',
  ],
  phase2: [
    'EvolutionBackup backup done',
    'CrdbCluster cluster-crdb ...',
    'NodesLive nodes-live done',
    'Replication replication ...',
    'Replication replication done',
  ],
};

/** Series that are there only once something has happened: an alert, a spike, a loss, an error of the app or of the load. */
const AFTER_AN_EVENT =
  /^(ALERTS|spike_|evolution:|evolution_step_|witness_lost|workload_tpcc_\w+_error_total)/;

/** What `evolve --json` prints of itself. */
interface Outcome {
  readonly preview: { readonly changes: readonly { readonly op: string; readonly urn: string }[] };
  readonly previewLog: string;
  readonly report: StepReport | null;
  readonly files: readonly string[];
}

describe.skipIf(MISSING.length > 0)('the whole evolution on a real cluster', () => {
  const namespaces = ownNamespaces('flow');
  const { databaseNamespace, appNamespace, observabilityNamespace } = namespaces;
  const settings = givenSettings();
  let project: EngineProject;
  let ran: { readonly stack: string; readonly seconds: number; readonly report: StepReport | null }[] = [];
  let pods: PodNow[] = [];
  let files: readonly string[] = [];

  const everyPod = () => runningPods(databaseNamespace, appNamespace, observabilityNamespace);
  const evolve = async (stack: string): Promise<Ran & { outcome: Outcome }> => {
    const start = Date.now();
    const result = await runCli(project, ['evolve', stack, '--yes', '--json']);
    expect(result.code, result.output).toBe(0);
    const outcome = JSON.parse(result.stdout) as Outcome;
    ran = [...ran, { stack, seconds: (Date.now() - start) / 1000, report: outcome.report }];
    return { ...result, outcome };
  };
  const outputs = async (stack: string) => {
    const { output } = await project.pulumi('stack', 'output', '--json', '--stack', stack);
    return JSON.parse(output) as { open: Record<string, string> };
  };
  const command = async (name: string, body: object = {}) => {
    const { 'control-token': token } = secret(appNamespace, CONTROL_SECRET);
    const { open } = await outputs(ran.at(-1)?.stack ?? 'phase0');
    return through(open.app ?? '', async (url) => {
      const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
      const answer = await fetch(`${url}/commands/${name}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      return answer.status;
    });
  };

  beforeAll(async () => {
    project = new EngineProject({
      ...namespaces,
      ...(hasOperator() ? { operatorInstall: 'false' } : {}),
      ...settings,
    });
    for (const stack of PHASES) await project.init(stack);
  }, 5 * MINUTES);

  afterAll(() => {
    for (const { stack, seconds, report } of ran) {
      const stages = report?.stages.map(({ name, seconds }) => `${name} ${seconds} s`).join(', ');
      console.log(`${stack}: ${seconds.toFixed(0)} s (${stages})`);
      const witness = report?.witness;
      if (witness)
        console.log(
          `  ${witness.requests} requests, ${witness.errors} failed; ${witness.writes.sent} writes, ${witness.writes.failed} failed, longest gap ${witness.writes.longestGapMs} ms; ${witness.reads.sent} reads, ${witness.reads.failed} failed, longest gap ${witness.reads.longestGapMs} ms; lost ${witness.lost}`,
        );
    }
    console.log(`phase0 to phase2: ${ran.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(0)} s`);
    keepLogs(...Object.values(namespaces));
    kubectl('delete', 'namespace', '--ignore-not-found', '--wait=false', ...Object.values(namespaces));
    project?.remove();
  }, 2 * MINUTES);

  it(
    'starts at phase 0, from nothing',
    async () => {
      await evolve('phase0');
      expect(await command('start-load')).toBe(200);
      pods = everyPod();
      expect(pods.map(({ name }) => name)).toContain(`${CLUSTER}-0`);
    },
    20 * MINUTES,
  );

  it(
    'has an outage on purpose, of its only node: it is measured, nothing is lost, and all is well again',
    async () => {
      const refused = await runCli(project, ['drill', 'pod-kill', '--yes']);
      expect(refused.output).toContain('Next: npm run evolve -- phase1. ');
      const drill = await runCli(project, ['drill', 'outage', '--yes', '--json']);
      expect(drill.code, drill.output).toBe(0);
      console.log(`drill outage: ${drill.stdout.trim().replace(/\s+/g, ' ')}`);
      const { figures } = JSON.parse(drill.stdout) as { figures: { longestWriteGap: number; lost: number } };
      expect(figures.lost).toBe(0);
      expect(figures.longestWriteGap).toBeGreaterThan(1);
      await expect
        .poll(async () => (await runCli(project, ['check'])).code, { timeout: 120_000, interval: 2000 })
        .toBe(0);
      // The pod that was killed is another one now; from here on none changes.
      pods = everyPod();
    },
    10 * MINUTES,
  );

  describe.each([
    ['phase0', 1],
    ['phase1', 2],
    ['phase2', 3],
  ] as const)('in %s', (stack, nodes) => {
    if (stack !== 'phase0') {
      it(
        'goes all the way, in order: the preview shows just the step, no request fails, nothing is lost',
        async () => {
          const { outcome, output } = await evolve(stack);
          files = outcome.files;
          const changes = outcome.preview.changes.map(({ op, urn }) => `${op} ${urn.split('::').at(-1)}`);
          expect(changes.sort()).toEqual(CHANGES[stack]);
          const at = (ORDER[stack] ?? []).map((line) => output.indexOf(line));
          expect(at).not.toContain(-1);
          expect(at).toEqual([...at].sort((a, b) => a - b));
          expect(output).toContain('The preview agrees: ');
          // What is read with the audience; the whole text is in the file.
          expect(output).not.toContain('[urn=');
          const preview = readFileSync(join(project.directory, outcome.previewLog), 'utf8');
          expect(preview).toContain('[urn=');
          expect(output).not.toContain('RegisterResource');
          for (const url of Object.values(secret(appNamespace, DATABASE_SECRET)))
            for (const text of [output, preview]) expect(text).not.toContain(new URL(url).password);
          expect(outcome.report?.problems).toEqual([]);
          expect(outcome.report?.witness).toMatchObject({
            errors: 0,
            lost: 0,
            duplicated: 0,
            writes: { failed: 0 },
            reads: { failed: 0 },
          });
          expect(outcome.report?.witness?.requests).toBeGreaterThan(100);
          expect(outcome.report?.witness?.confirmed).toBeGreaterThan(20);
        },
        15 * MINUTES,
      );

      it('shows the page the nodes of the cluster while it goes on, and keeps what the page was sent', () => {
        const file = files.find((name) => name.endsWith('.ndjson')) ?? '';
        const { lines } = readRecording(join(project.directory, file));
        const seen = lines.flatMap((line) =>
          line.call === 'snapshot' && line.arg.topology?.source === 'evolve' ? [line.arg.topology] : [],
        );
        expect(seen[0]?.nodes.length).toBeLessThanOrEqual(nodes);
        expect(seen.at(-1)?.nodes.map(({ name, state }) => `${name} ${state}`)).toEqual(
          Array.from({ length: nodes }, (_, i) => `${CLUSTER}-${i} live`),
        );
      });

      it('restarts and replaces no pod of database, load, app or Prometheus', () => {
        const now = everyPod();
        for (const pod of pods) expect(now).toContainEqual(pod);
        expect(now.map(({ name }) => name)).toContain(`${CLUSTER}-${nodes - 1}`);
        const revisions = kubectl('get', 'controllerrevisions', '-n', databaseNamespace, '-o', 'name');
        expect(revisions.trim().split('\n')).toHaveLength(1);
        pods = now;
      });
    }

    it(
      'has all that a talk needs opened by one command, which ends at Ctrl-C',
      async () => {
        const [port, grafanaPort] = await freePorts(2);
        const args = ['stage', '--no-open', '--port', `${port}`, '--grafana-port', `${grafanaPort}`];
        const { output } = await runCli(project, args, { after: /^(not )?ready/m, what: 'interrupt' });
        expect(output).toMatch(/^ready$/m);
        expect(output).toContain(`http://127.0.0.1:${port}/#token=`);
        expect(output).toContain(`The app knows that this is ${stack}.`);
        await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
      },
      3 * MINUTES,
    );

    it(
      'has nothing left to do in a second up',
      async () => {
        const args = ['up', '--yes', '--skip-preview', '--expect-no-changes', '--stack', stack];
        const { code, output } = await project.pulumi(...args);
        expect(code, output).toBe(0);
      },
      5 * MINUTES,
    );

    it(
      'is healthy: check and status say so',
      async () => {
        const check = await runCli(project, ['check', '--json']);
        const { phase, findings } = JSON.parse(check.stdout) as {
          phase: string;
          findings: { part: string; ok: boolean; detail: string }[];
        };
        expect(phase).toBe(stack);
        expect(findings.filter(({ ok }) => !ok)).toEqual([]);
        expect(check.code).toBe(0);
        const status = await runCli(project, ['status']);
        expect(status.code, status.output).toBe(0);
        expect(status.output).toContain(stack);
      },
      2 * MINUTES,
    );

    it.skipIf(settings.prometheusEnabled === 'false')(
      'is seen: Prometheus finds every target, and every panel of the evolution has data',
      async () => {
        const { open } = await outputs(stack);
        await through(open.prometheus ?? '', async (url) => {
          await expect
            .poll(() => targets(url), { timeout: 90_000, interval: 2000 })
            .toEqual([
              ...Array.from({ length: nodes }, (_, i) => `cockroachdb ${CLUSTER}-${i} https up`),
              'prometheus http up',
              'sample-app sample-app http up',
              'workload crdb-loadgen http up',
            ]);
          await expect.poll(() => panelsWithoutData(url), { timeout: 120_000, interval: 3000 }).toEqual([]);
          // Assumption: every series that a dashboard or an alert asks for is there, of the nodes and of the load.
          await expect.poll(() => seriesMissing(url), { timeout: 120_000, interval: 5000 }).toEqual([]);
        });
      },
      5 * MINUTES,
    );

    if (stack !== 'phase0')
      it('assumption: the app sees that its reader cannot write, by a code that says so', async () => {
        const { open } = await outputs(stack);
        const detail = await through(open.app ?? '', async (url) => {
          const { checks } = (await (await fetch(`${url}/readyz`)).json()) as {
            checks: { readOnlyUser: { detail: string } };
          };
          return checks.readOnlyUser.detail;
        });
        console.log(`assumption: ${detail}`);
        expect(detail).toMatch(/^app_reader cannot write \((42501|25006)\)$/);
      });
  });

  it('lets the reader read and nothing else, over the verified name of the reader Service', () => {
    const script = readFileSync(join(__dirname, 'as-reader.cjs'), 'utf8');
    const said = kubectl('exec', '-n', appNamespace, `deployment/${APP}`, '--', 'node', '-e', script);
    const result = JSON.parse(said) as Record<string, { code?: string; rows?: number; message?: string }>;
    expect(result.user).toBe(USERS.reader);
    expect(result.host).toBe(`${READER}.${databaseNamespace}.svc`);
    expect(result.SELECT).toEqual({ rows: 1 });
    // Without the privilege, or in a session that is read-only by default: CockroachDB looks at the one first or the other.
    for (const statement of ['INSERT', 'UPDATE', 'DELETE', 'CREATE'])
      expect(result[statement]?.code, statement).toMatch(/^(42501|25006)$/);
    expect(result.wrongName?.code).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(result.foreignAuthority?.code).toMatch(
      /SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE/,
    );
  });

  it('runs the app without root, rights or a file system that it could write to', () => {
    const script = `const { readFileSync, writeFileSync } = require('node:fs');
      const written = ['/', '/app/', '/tmp/'].map((folder) => {
        try { writeFileSync(folder + 'x', ''); return 'written'; } catch (error) { return error.code; }
      });
      const capabilities = /CapEff:\\s*(\\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1];
      console.log(JSON.stringify({ user: process.getuid(), written, capabilities: Number('0x' + capabilities) }));`;
    const said = kubectl('exec', '-n', appNamespace, `deployment/${APP}`, '--', 'node', '-e', script);
    expect(JSON.parse(said)).toEqual({ user: 1000, written: ['EROFS', 'EROFS', 'EROFS'], capabilities: 0 });
  });

  it('has certificates that openssl accepts, each for what it is used for and with its names', () => {
    const pair = (name: string) => secret(databaseNamespace, name);
    expect(opensslVerify(pair(NODE_SECRET), 'sslserver')).toBe('it: OK');
    for (const name of [NODE_SECRET, ROOT_SECRET, LOAD_SECRET])
      expect(opensslVerify(pair(name), 'sslclient'), name).toBe('it: OK');
    const names = [WRITER, READER, `${CLUSTER}-public`]
      .flatMap((name) => [name, `${name}.${databaseNamespace}`, `${name}.${databaseNamespace}.svc`])
      .concat(
        [0, 1, 2, 3, 8].map((i) => `${CLUSTER}-${i}.${CLUSTER}.${databaseNamespace}`),
        'localhost',
      );
    expect(namesMissing(pair(NODE_SECRET)['tls.crt'] ?? '', names)).toEqual([]);
    expect(namesMissing(pair(NODE_SECRET)['tls.crt'] ?? '', ['elsewhere.example'])).toHaveLength(1);
  });

  it(
    'takes a backup on demand, and a restore of it has the same rows',
    async () => {
      const backup = await runCli(project, ['backup', '--json']);
      expect(backup.code, backup.output).toBe(0);
      const restored = await runCli(project, ['restore-check']);
      expect(restored.code, restored.output).toBe(0);
      expect((await runCli(project, ['check'])).code).toBe(0);
    },
    5 * MINUTES,
  );

  it(
    'shows no drift in a refresh',
    async () => {
      const args = ['refresh', '--yes', '--skip-preview', '--expect-no-changes', '--stack', 'phase2'];
      const { code, output } = await project.pulumi(...args);
      expect(code, output).toBe(0);
    },
    5 * MINUTES,
  );

  it(
    'loses nothing in a drill that kills the last pod',
    async () => {
      const drill = await runCli(project, ['drill', 'pod-kill', '--yes', '--json']);
      expect(drill.code, drill.output).toBe(0);
      console.log(`drill pod-kill: ${drill.stdout.trim().replace(/\s+/g, ' ')}`);
    },
    10 * MINUTES,
  );

  it(
    'assumption: a node drains within 120 s, and the pod does not hang in its pre-stop hook',
    async () => {
      const drill = await runCli(project, ['drill', 'drain', '--yes', '--json']);
      expect(drill.code, drill.output).toBe(0);
      const { figures } = JSON.parse(drill.stdout) as { figures: { recovered: number } };
      console.log(`assumption: drained, restarted and recovered after ${figures.recovered} s`);
      expect(figures.recovered).toBeLessThan(240);
    },
    10 * MINUTES,
  );

  it(
    'is gone after a teardown, all but its backups',
    async () => {
      const torn = await runCli(project, ['teardown', '--name', `${databaseNamespace}/${CLUSTER}`]);
      expect(torn.code, torn.output).toBe(0);
      const left = kubectl('get', 'namespaces', '-o', 'name');
      for (const namespace of Object.values(namespaces)) expect(left).not.toContain(namespace);
      expect(torn.output).toMatch(/backups?\//);
    },
    10 * MINUTES,
  );
});

/** A line for each target: its job, what it is, how it is read, and whether it answers. */
async function targets(url: string): Promise<string[]> {
  const { data } = (await (await fetch(`${url}/api/v1/targets?state=active`)).json()) as {
    data: {
      activeTargets: {
        scrapePool: string;
        scrapeUrl: string;
        health: string;
        labels: Record<string, string>;
      }[];
    };
  };
  return data.activeTargets
    .map(({ scrapePool, scrapeUrl, health, labels }) => {
      const name = (labels.pod ?? '').replace(/-[0-9a-f]{6,}-[0-9a-z]{5}$/, '');
      return [scrapePool, name, new URL(scrapeUrl).protocol.slice(0, -1), health].filter(Boolean).join(' ');
    })
    .sort();
}

/** Every series that a dashboard or an alert asks for, and Prometheus does not have. */
async function seriesMissing(url: string): Promise<string[]> {
  const answer = await fetch(`${url}/api/v1/label/__name__/values`);
  const { data } = (await answer.json()) as { data: string[] };
  const wanted = [...dashboardExpressions(), ...ruleExpressions()].flatMap(({ expr }) =>
    new Expression(withoutVariables(expr)).selectors.map(({ metric }) => metric),
  );
  return [...new Set(wanted)].filter((name) => !data.includes(name) && !AFTER_AN_EVENT.test(name)).sort();
}

/** Titles of panels of the dashboard "cockroachdb-evolution" with a query that returns nothing. */
async function panelsWithoutData(url: string): Promise<string[]> {
  const panels = dashboardFiles().find(({ uid }) => uid === 'cockroachdb-evolution')?.panels ?? [];
  const queries = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));
  expect(queries.length).toBeGreaterThan(10);
  const without: string[] = [];
  for (const { title, expr } of queries) {
    const query = withoutVariables(expr).replace(/\$[a-z_]+/g, '.*');
    const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { data, error } = (await answer.json()) as { data?: { result: unknown[] }; error?: string };
    if (error !== undefined) throw new Error(`${title}: ${error}: ${query}`);
    if (data?.result.length === 0) without.push(`${title}: ${query}`);
  }
  return without;
}
