import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PeriodReport, Report } from '../../app/src/contract.ts';
import { writeFolder } from '../../cli/commands/render/folder.ts';
import { inOrder, tree } from '../../cli/commands/render/tree.ts';
import { evaluateAll } from '../../cli/lib/program/evaluate.ts';
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
import { jobName } from '../../jobs/names.ts';
import { hasEngine, KUBECONFIG } from '../engine/project.ts';
import { namesMissing, opensslVerify } from '../support/certificates.ts';
import { copyProject, runCommand } from '../support/checkout.ts';
import { withLocalFiles } from '../support/operator-folder.ts';
import {
  expectOnlyMorePods,
  givenSettings,
  hasOperator,
  keepLogs,
  kubectl,
  ownNamespaces,
  type PodNow,
  runningPods,
  secret,
  through,
} from '../support/test-cluster.ts';

if (KUBECONFIG === undefined)
  console.warn('SKIPPED: tests/cluster/apply.test.ts needs EVOLUTION_TEST_KUBECONFIG.');

const MINUTES = 60_000;
const PHASES = ['phase0', 'phase1', 'phase2'] as const;
type Phase = (typeof PHASES)[number];

/** A folder with the operator's published files, where they cannot be downloaded. */
const OPERATOR = process.env.OPERATOR_MANIFESTS;

/** The stage of each step in whose middle its pod is killed. */
const KILLED_AFTER: Readonly<Record<Phase, string>> = {
  phase0: 'ClusterApplied',
  phase1: 'NodesLive',
  phase2: 'BackedUp',
};

interface Job {
  readonly metadata: { readonly uid: string };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

// The same evolution as in flow.test.ts, without Pulumi: kubectl and what `npm run render` writes.
describe.skipIf(KUBECONFIG === undefined)('the whole evolution by kubectl apply', () => {
  const namespaces = ownNamespaces('apply');
  const { databaseNamespace, appNamespace, observabilityNamespace } = namespaces;
  const override = { ...givenSettings(), ...namespaces };
  const scratch = mkdtempSync(join(tmpdir(), 'apply-test-'));
  const project = join(scratch, 'project');
  const k8s = join(scratch, 'k8s');
  let pods: PodNow[] = [];
  let summary: string[] = [];

  const apply = (folder: string) => kubectl('apply', '--server-side', '-k', join(k8s, folder));
  const everyPod = () =>
    runningPods(databaseNamespace, appNamespace, observabilityNamespace).filter(
      ({ name }) => !name.startsWith('evolution-'),
    );
  const job = (phase: Phase): Job | null => {
    const text = kubectl(
      'get',
      'job',
      jobName(phase),
      '-n',
      databaseNamespace,
      '--ignore-not-found',
      '-o',
      'json',
    );
    return text === '' ? null : JSON.parse(text);
  };
  /** Waits for the end of a Job. */
  const ended = async (phase: Phase): Promise<'Complete' | 'Failed'> => {
    for (;;) {
      const found = (job(phase)?.status.conditions ?? []).find(
        ({ type, status }) => /^(Complete|Failed)$/.test(type) && status === 'True',
      );
      if (found !== undefined) return found.type as 'Complete' | 'Failed';
      await delay(1000);
    }
  };
  const podsOf = (phase: Phase, path: string) =>
    kubectl(
      ...['get', 'pods', '-n', databaseNamespace, '-l', `batch.kubernetes.io/job-name=${jobName(phase)}`],
      ...['--sort-by=.metadata.creationTimestamp', '-o', `jsonpath={.items[*]${path}}`],
    );
  const lastWord = (phase: Phase) => podsOf(phase, '.status.containerStatuses[*].state.terminated.message');
  const events = () =>
    kubectl(
      'get',
      'events',
      '-n',
      databaseNamespace,
      '-o',
      'jsonpath={range .items[*]}{.involvedObject.kind} {.involvedObject.name} {.reason}: {.message}{"\\n"}{end}',
    );
  /** Applies the step, and kills its pod with the machine's power once the stage is over. */
  const takeStep = async (phase: Phase) => {
    const start = Date.now();
    apply(phase);
    const stage = KILLED_AFTER[phase];
    for (;;) {
      const name = podsOf(phase, '.metadata.name').split(' ')[0] ?? '';
      const log = name === '' ? '' : logOf(name);
      if (new RegExp(` ${stage}: `).test(log)) {
        kubectl('delete', 'pod', '-n', databaseNamespace, name, '--grace-period=0', '--force');
        break;
      }
      expect(job(phase)?.status.conditions ?? [], log).toEqual([]);
      await delay(200);
    }
    expect(await ended(phase), lastWord(phase)).toBe('Complete');
    summary = [
      ...summary,
      `${phase}: ${((Date.now() - start) / 1000).toFixed(0)} s, its pod killed after ${stage}`,
    ];
  };
  const logOf = (pod: string) => {
    try {
      return kubectl('logs', '-n', databaseNamespace, pod);
    } catch {
      return '';
    }
  };
  const check = async (phase: Phase) => {
    const env = { KUBECONFIG, PULUMI_CONFIG_PASSPHRASE: '' };
    const { code, out, err } = await runCommand(project, ['check', phase, '--json'], env);
    return { code, said: out + err };
  };
  const forward = `kubectl -n ${appNamespace} port-forward service/${APP} 8080:80`;
  const command = (name: string, body: object = {}) => {
    const { 'control-token': token } = secret(appNamespace, CONTROL_SECRET);
    return through(forward, async (url) => {
      const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
      const answer = await fetch(`${url}/commands/${name}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      expect(answer.status, await answer.text()).toBe(200);
    });
  };
  const report = () =>
    through(forward, async (url) => (await (await fetch(`${url}/report`)).json()) as Report);
  /** What may not change when nothing is to be done. */
  const state = () => {
    const cluster = JSON.parse(kubectl('get', 'crdbcluster', CLUSTER, '-n', databaseNamespace, '-o', 'json'));
    const versions = (kind: string, namespace: string) =>
      kubectl(
        'get',
        kind,
        '-n',
        namespace,
        '-o',
        'jsonpath={range .items[*]}{.metadata.name} {.metadata.resourceVersion}{"\\n"}{end}',
      )
        .split('\n')
        .filter((line) => !line.startsWith('kube-root-ca'));
    return {
      generation: cluster.metadata.generation,
      spec: cluster.spec,
      secrets: [...versions('secrets', databaseNamespace), ...versions('secrets', appNamespace)],
      maps: [...versions('configmaps', databaseNamespace), ...versions('configmaps', appNamespace)],
      revisions: versions('controllerrevisions', databaseNamespace),
      pods: everyPod(),
      backups: sql("SELECT count(*) FROM [SHOW BACKUPS IN 'nodelocal://1/backups']"),
      zones: sql('SHOW ZONE CONFIGURATION FROM RANGE default'),
    };
  };
  const sql = (statement: string) =>
    kubectl(
      ...['exec', '-n', databaseNamespace, `${CLUSTER}-0`, '-c', 'db', '--', '/cockroach/cockroach', 'sql'],
      ...['--certs-dir=/cockroach/cockroach-certs', '--format=tsv', '-e', statement],
    );

  beforeAll(async () => {
    const evaluations = await evaluateAll(PHASES.map((stack) => ({ stack, override })));
    for (const { name, files } of tree(inOrder(evaluations), { version: '0.1.0', phases: PHASES }))
      writeFolder(join(k8s, name), files);
    // For `check`, which reads the settings of its phase.
    copyProject(project);
    for (const phase of PHASES)
      for (const [key, value] of Object.entries(override))
        appendFileSync(
          join(project, `Pulumi.${phase}.yaml`),
          `  cockroachdb-live-evolution:${key}: "${value}"\n`,
        );
  }, 5 * MINUTES);

  afterAll(() => {
    for (const line of summary) console.log(line);
    keepLogs(databaseNamespace, appNamespace);
    kubectl('delete', 'namespace', '--ignore-not-found', '--wait=false', ...Object.values(namespaces));
    rmSync(scratch, { recursive: true, force: true });
  }, 2 * MINUTES);

  it(
    'begins at phase 0 from nothing, with two applies: the operator, and the phase',
    async () => {
      if (!hasOperator()) {
        if (OPERATOR !== undefined) withLocalFiles(join(k8s, 'operator'), OPERATOR);
        apply('operator');
        summary = [...summary, 'the operator was installed by k8s/operator'];
      }
      await takeStep('phase0');
      kubectl('-n', appNamespace, 'rollout', 'status', `deployment/${APP}`, '--timeout=5m');
      kubectl('-n', databaseNamespace, 'rollout', 'status', 'deployment/crdb-loadgen', '--timeout=5m');
      await command('start-load');
      pods = everyPod();
      expect(pods.map(({ name }) => name)).toContain(`${CLUSTER}-0`);
    },
    20 * MINUTES,
  );

  it('has certificates that openssl accepts, each for what it is used for and with its names', () => {
    const pair = (name: string) => secret(databaseNamespace, name);
    expect(opensslVerify(pair(NODE_SECRET), 'sslserver')).toBe('it: OK');
    for (const name of [NODE_SECRET, ROOT_SECRET, LOAD_SECRET])
      expect(opensslVerify(pair(name), 'sslclient'), name).toBe('it: OK');
    const names = [WRITER, READER, `${CLUSTER}-public`]
      .flatMap((name) => [name, `${name}.${databaseNamespace}`, `${name}.${databaseNamespace}.svc`])
      .concat(
        [0, 1, 2, 8].map((i) => `${CLUSTER}-${i}.${CLUSTER}.${databaseNamespace}`),
        'localhost',
      );
    expect(namesMissing(pair(NODE_SECRET)['tls.crt'] ?? '', names)).toEqual([]);
  });

  it(
    'refuses to skip a phase, before anything is changed, and says so in the status and the events',
    async () => {
      const before = state();
      apply('phase2');
      expect(await ended('phase2')).toBe('Failed');
      const why = 'phase2 skips phase1: the cluster has 1 node, and the step begins with 2';
      expect(lastWord('phase2')).toContain(`Refused, and nothing was changed: ${why}`);
      expect(events()).toContain(`Job ${jobName('phase2')} Refused: ${why}`);
      expect(events()).toContain(`CrdbCluster ${CLUSTER} Refused: ${why}`);
      // The map with the plan of phase 2 is there now, which nobody reads but its Job.
      const { maps: _, ...after } = state();
      const { maps: __, ...rest } = before;
      expect(after).toEqual(rest);
    },
    5 * MINUTES,
  );

  describe.each([
    ['phase0', 1],
    ['phase1', 2],
    ['phase2', 3],
  ] as const)('in %s', (phase, nodes) => {
    if (phase !== 'phase0') {
      it(
        'goes all the way although its pod is killed: no request fails, nothing is lost',
        async () => {
          await command('mark', { kind: 'phase', label: phase });
          await takeStep(phase);
          const period = (await report()).periods.at(-1) as PeriodReport;
          const { login, search } = period.requests;
          summary = [...summary, `  ${told(period)}`];
          for (const route of [login, search]) expect(route.errors).toBe(0);
          expect(login.requests + search.requests).toBeGreaterThan(50);
          expect(period.witness).toMatchObject({
            lost: 0,
            duplicated: 0,
            writes: { failed: 0 },
            reads: { failed: 0 },
          });
          expect(period.witness.confirmed).toBeGreaterThan(20);
        },
        15 * MINUTES,
      );

      it('takes its backup before it asks for the node, and each stage after the one before', () => {
        const told = events();
        const reasons = ['BackedUp', 'ClusterApplied', 'NodesLive', 'Replicated', 'UsersReady', 'Reached'];
        for (const reason of reasons) expect(told).toContain(`Job ${jobName(phase)} ${reason}: `);
        const log = kubectl('logs', '-n', databaseNamespace, `job/${jobName(phase)}`);
        const at = reasons.map((reason) => log.indexOf(` ${reason}: `)).filter((place) => place >= 0);
        expect(at.length).toBeGreaterThan(3);
        expect(at).toEqual([...at].sort((a, b) => a - b));
      });

      it('restarts and replaces no pod of database, load or app', () => {
        const now = everyPod();
        expectOnlyMorePods(pods, now, databaseNamespace, nodes);
        pods = now;
      });
    }

    it(
      'is healthy, as npm run check says',
      async () => {
        await expect
          .poll(() => check(phase), { timeout: 2 * MINUTES, interval: 3000 })
          .toMatchObject({
            code: 0,
            said: expect.stringContaining(`"phase":"${phase}"`.replace('":"', '": "')),
          });
      },
      5 * MINUTES,
    );

    it(
      'changes nothing when it is applied again, at once or after its Job is gone',
      async () => {
        const before = state();
        const { uid } = job(phase)?.metadata ?? {};
        apply(phase);
        expect(job(phase)?.metadata.uid).toBe(uid);
        expect(state()).toEqual(before);
        kubectl('delete', 'job', '-n', databaseNamespace, jobName(phase));
        apply(phase);
        expect(job(phase)?.metadata.uid).not.toBe(uid);
        expect(await ended(phase), lastWord(phase)).toBe('Complete');
        expect(state()).toEqual(before);
      },
      5 * MINUTES,
    );

    it('has the app read as the user of the phase, and holds no password in what people may read', () => {
      const urls = secret(appNamespace, DATABASE_SECRET);
      expect(new URL(urls['reader-url'] ?? '').username).toBe(
        phase === 'phase0' ? USERS.writer : USERS.reader,
      );
      expect(new URL(urls['writer-url'] ?? '').username).toBe(USERS.writer);
      const seen = [
        kubectl('logs', '-n', databaseNamespace, `job/${jobName(phase)}`),
        kubectl('get', 'jobs,configmaps,events,pods', '-n', databaseNamespace, '-o', 'yaml'),
      ].join('\n');
      for (const url of Object.values(urls)) expect(seen).not.toContain(new URL(url).password);
      expect(seen).not.toContain('PRIVATE KEY');
    });
  });

  it(
    'refuses a step back, and changes nothing',
    async () => {
      const before = state();
      for (const phase of ['phase0', 'phase1'] as const) {
        apply(phase);
        expect(await ended(phase)).toBe('Failed');
        expect(lastWord(phase)).toMatch(
          /nothing was changed: phase\d has \d nodes: the cluster only ever grows, and it has 3 nodes/,
        );
      }
      expect(state()).toEqual(before);
    },
    5 * MINUTES,
  );

  it(
    'refuses a change that would restart pods, and changes nothing',
    async () => {
      const before = state();
      const file = join(k8s, 'phase2', 'cluster.yaml');
      const text = readFileSync(file, 'utf8');

      expect(text).toContain('nodes: 3');
      appendFileSync(file, '  terminationGracePeriodSecs: 77\n');
      kubectl('delete', 'job', '-n', databaseNamespace, jobName('phase2'));
      apply('phase2');
      expect(await ended('phase2')).toBe('Failed');
      expect(lastWord('phase2')).toMatch(
        /phase2 would change more than the number of nodes.*terminationGracePeriodSecs: .* => 77/,
      );
      const { maps: _, ...after } = state();
      const { maps: __, ...rest } = before;
      expect(after).toEqual(rest);
    },
    5 * MINUTES,
  );

  it.skipIf(!hasEngine)(
    'is not taken over by a stack: evolve says who made it and how to go on, and changes nothing',
    async () => {
      const before = state();
      const { code, out, err } = await runCommand(project, ['evolve', 'phase2', '--yes', '--no-color'], {
        KUBECONFIG,
        PULUMI_CONFIG_PASSPHRASE: 'test',
        PULUMI_SKIP_UPDATE_CHECK: '1',
      });
      expect(code).not.toBe(0);
      expect(out + err).toContain('EVO-210');
      expect(out + err).toContain('kubectl apply --server-side -k k8s/phase2');
      expect(state()).toEqual(before);
    },
    5 * MINUTES,
  );

  it('gives the Job no more rights than it uses', () => {
    const can = (verb: string, what: string, namespace: string) => {
      const who = `system:serviceaccount:${databaseNamespace}:evolution`;
      try {
        return kubectl('auth', 'can-i', verb, what, '-n', namespace, '--as', who).trim();
      } catch (error) {
        return String((error as { stdout: string }).stdout).trim();
      }
    };
    expect(can('get', `secret/${ROOT_SECRET}`, databaseNamespace)).toBe('yes');
    expect(can('get', `secret/${DATABASE_SECRET}`, appNamespace)).toBe('yes');
    for (const [verb, what, namespace] of [
      ['list', 'secrets', databaseNamespace],
      ['get', 'secret/other', databaseNamespace],
      ['create', 'secrets', databaseNamespace],
      ['create', 'pods', databaseNamespace],
      ['create', 'jobs', databaseNamespace],
      ['create', 'pods/exec', databaseNamespace],
      ['delete', `crdbcluster/${CLUSTER}`, databaseNamespace],
      ['delete', `secret/${ROOT_SECRET}`, databaseNamespace],
      ['get', 'secret/other', appNamespace],
      ['get', 'pods', appNamespace],
      ['get', 'nodes', databaseNamespace],
    ] as const)
      expect(can(verb, what, namespace), `${verb} ${what}`).toBe('no');
  });
});

function told({ requests, witness }: PeriodReport): string {
  const { login, search } = requests;
  const { writes, reads, lost } = witness;
  return `${login.requests + search.requests} requests, ${login.errors + search.errors} failed; ${writes.sent} writes, ${writes.failed} failed, longest gap ${writes.longestGapMs} ms; ${reads.sent} reads, ${reads.failed} failed, longest gap ${reads.longestGapMs} ms; lost ${lost}`;
}
