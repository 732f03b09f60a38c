import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../cli/lib/machine/ports.ts';
import { readRecording } from '../../cli/lib/recording/recording.ts';
import { DATABASE_SECRET } from '../../components/app-manifests.ts';
import { CLUSTER, LOAD_SECRET, NODE_SECRET, READER, ROOT_SECRET, USERS } from '../../components/names.ts';
import { runCli } from '../engine/cli.ts';
import { namesMissing, opensslVerify } from '../support/certificates.ts';
import {
  expectOnlyMorePods,
  givenSettings,
  kubectl,
  MISSING,
  ownNamespaces,
  type PodNow,
  secret,
  through,
} from '../support/test-cluster.ts';
import { CHANGES, nodeNames, ORDER, targetsOf } from './expected.ts';
import { FlowProject } from './flow-project.ts';
import { panelsWithoutData, seriesMissing, targets } from './metrics.ts';

if (MISSING.length > 0) console.warn(`SKIPPED: tests/cluster/flow.test.ts needs ${MISSING.join(' and ')}.`);

const MINUTES = 60_000;

describe.skipIf(MISSING.length > 0)('the whole evolution on a real cluster', () => {
  const namespaces = ownNamespaces('flow');
  const { databaseNamespace, appNamespace } = namespaces;
  const settings = givenSettings();
  let project: FlowProject;
  let pods: PodNow[] = [];
  let files: readonly string[] = [];

  beforeAll(async () => {
    project = new FlowProject(namespaces, settings);
    await project.initPhases();
  }, 5 * MINUTES);

  afterAll(() => {
    for (const line of project?.summary() ?? []) console.log(line);
    project?.remove();
  }, 2 * MINUTES);

  it(
    'starts at phase 0, from nothing',
    async () => {
      await project.evolve('phase0');
      expect(await project.command('start-load')).toBe(200);
      pods = project.pods();
      expect(pods.map(({ name }) => name)).toContain(`${CLUSTER}-0`);
    },
    20 * MINUTES,
  );

  it(
    'has an outage on purpose, of its only node: it is measured, nothing is lost, and all is well again',
    async () => {
      const refused = await project.cli('drill', 'pod-kill', '--yes');
      expect(refused.output).toContain('Next: npm run evolve -- phase1. ');
      const drill = await project.cli('drill', 'outage', '--yes', '--json');
      expect(drill.code, drill.output).toBe(0);
      console.log(`drill outage: ${drill.stdout.trim().replace(/\s+/g, ' ')}`);
      const { figures } = JSON.parse(drill.stdout) as { figures: { longestWriteGap: number; lost: number } };
      expect(figures.lost).toBe(0);
      expect(figures.longestWriteGap).toBeGreaterThan(1);
      await expect
        .poll(async () => (await project.cli('check')).code, { timeout: 120_000, interval: 2000 })
        .toBe(0);
      // The pod that was killed is another one now; from here on none changes.
      pods = project.pods();
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
          const { outcome, output } = await project.evolve(stack);
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
        const now = project.pods();
        expectOnlyMorePods(pods, now, databaseNamespace, nodes);
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
        const check = await project.cli('check', '--json');
        const { phase, findings } = JSON.parse(check.stdout) as {
          phase: string;
          findings: { part: string; ok: boolean; detail: string }[];
        };
        expect(phase).toBe(stack);
        expect(findings.filter(({ ok }) => !ok)).toEqual([]);
        expect(check.code).toBe(0);
        const status = await project.cli('status');
        expect(status.code, status.output).toBe(0);
        expect(status.output).toContain(stack);
      },
      2 * MINUTES,
    );

    it.skipIf(settings.prometheusEnabled === 'false')(
      'is seen: Prometheus finds every target, and every panel of the evolution has data',
      async () => {
        const { open } = await project.outputs(stack);
        await through(open.prometheus ?? '', async (url) => {
          await expect
            .poll(() => targets(url), { timeout: 90_000, interval: 2000 })
            .toEqual(targetsOf(nodes));
          await expect.poll(() => panelsWithoutData(url), { timeout: 120_000, interval: 3000 }).toEqual([]);
          // Assumption: every series that a dashboard or an alert asks for is there, of the nodes and of the load.
          await expect.poll(() => seriesMissing(url), { timeout: 120_000, interval: 5000 }).toEqual([]);
        });
      },
      5 * MINUTES,
    );

    if (stack !== 'phase0')
      it('assumption: the app sees that its reader cannot write, by a code that says so', async () => {
        // The kubelet brings a changed Secret into the pod within a minute or two.
        await expect
          .poll(() => project.readerDetail(stack), { timeout: 150_000, interval: 3000 })
          .toMatch(/^app_reader /);
        const detail = await project.readerDetail(stack);
        console.log(`assumption: ${detail}`);
        expect(detail).toMatch(/^app_reader cannot write \((42501|25006)\)$/);
      });
  });

  it('lets the reader read and nothing else, over the verified name of the reader Service', () => {
    type Answer = { code?: string; rows?: number; message?: string };
    const result = project.runInApp('as-reader.cjs') as Record<string, Answer>;
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
    expect(project.runInApp('unprivileged.cjs')).toEqual({
      user: 1000,
      written: ['EROFS', 'EROFS', 'EROFS'],
      capabilities: 0,
    });
  });

  it('has certificates that openssl accepts, each for what it is used for and with its names', () => {
    const pair = (name: string) => secret(databaseNamespace, name);
    expect(opensslVerify(pair(NODE_SECRET), 'sslserver')).toBe('it: OK');
    for (const name of [NODE_SECRET, ROOT_SECRET, LOAD_SECRET])
      expect(opensslVerify(pair(name), 'sslclient'), name).toBe('it: OK');
    expect(namesMissing(pair(NODE_SECRET)['tls.crt'] ?? '', nodeNames(databaseNamespace))).toEqual([]);
    expect(namesMissing(pair(NODE_SECRET)['tls.crt'] ?? '', ['elsewhere.example'])).toHaveLength(1);
  });

  it(
    'takes a backup on demand, and a restore of it has the same rows',
    async () => {
      const backup = await project.cli('backup', '--json');
      expect(backup.code, backup.output).toBe(0);
      const restored = await project.cli('restore-check');
      expect(restored.code, restored.output).toBe(0);
      expect((await project.cli('check')).code).toBe(0);
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
      const drill = await project.cli('drill', 'pod-kill', '--yes', '--json');
      expect(drill.code, drill.output).toBe(0);
      console.log(`drill pod-kill: ${drill.stdout.trim().replace(/\s+/g, ' ')}`);
    },
    10 * MINUTES,
  );

  it(
    'assumption: a node drains within 120 s, and the pod does not hang in its pre-stop hook',
    async () => {
      const drill = await project.cli('drill', 'drain', '--yes', '--json');
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
      const torn = await project.cli('teardown', '--name', `${databaseNamespace}/${CLUSTER}`);
      expect(torn.code, torn.output).toBe(0);
      const left = kubectl('get', 'namespaces', '-o', 'name');
      for (const namespace of Object.values(namespaces)) expect(left).not.toContain(namespace);
      expect(torn.output).toMatch(/backups?\//);
    },
    10 * MINUTES,
  );
});
