import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineProject, hasEngine, KUBECONFIG, type Step } from './project.ts';

const MINUTES = 60_000;
const NAMESPACES = ['engine-db', 'engine-app', 'engine-obs'];

/** For a small cluster on one machine, which has no images of Prometheus and Grafana. */
const SMALL = {
  databaseNamespace: 'engine-db',
  appNamespace: 'engine-app',
  observabilityNamespace: 'engine-obs',
  // Installed once for the whole cluster, by whoever runs these tests.
  operatorInstall: 'false',
  prometheusEnabled: 'false',
  grafanaEnabled: 'false',
  storageSize: '1Gi',
  databaseCpu: '100m',
  databaseCpuLimit: '1',
  databaseMemory: '512Mi',
};

/** One line a step: what happens, the resource's name, and the properties (which the engine tells of dynamic resources in text only). */
function told(steps: readonly Step[]): string[] {
  return steps
    .map(({ op, urn, detailedDiff, diffReasons }) => {
      const properties = Object.keys(detailedDiff ?? {}).concat(detailedDiff ? [] : (diffReasons ?? []));
      return [op, urn.split('::').at(-1), ...properties.sort()].join(' ');
    })
    .sort();
}

const missing = [
  ...(hasEngine ? [] : ['the Pulumi CLI on PATH']),
  ...(KUBECONFIG === undefined ? ['EVOLUTION_TEST_KUBECONFIG'] : []),
];
if (missing.length > 0) console.warn(`SKIPPED: tests/engine/program.test.ts needs ${missing.join(' and ')}.`);

describe.skipIf(missing.length > 0)('the program under the real engine, on a real cluster', () => {
  let project: EngineProject;

  const kubectl = (...args: string[]) =>
    execFileSync('kubectl', args, { encoding: 'utf8', env: { ...process.env, KUBECONFIG } });
  const pods = () =>
    JSON.parse(kubectl('get', 'pods', '-A', '-o', 'json', '-l', 'app.kubernetes.io/part-of!=none'))
      .items.filter((pod: { metadata: { namespace: string } }) => NAMESPACES.includes(pod.metadata.namespace))
      .map(
        (pod: {
          metadata: { name: string; uid: string };
          status: { containerStatuses?: { restartCount: number }[] };
        }) => ({
          name: pod.metadata.name,
          uid: pod.metadata.uid,
          restarts: (pod.status.containerStatuses ?? []).reduce((sum, c) => sum + c.restartCount, 0),
        }),
      ) as { name: string; uid: string; restarts: number }[];

  beforeAll(async () => {
    for (const namespace of NAMESPACES)
      kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait=true');
    project = new EngineProject(SMALL);
    for (const stack of ['phase0', 'phase1', 'phase2']) await project.init(stack);
  }, 5 * MINUTES);
  afterAll(() => {
    for (const namespace of NAMESPACES)
      kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait=false');
    project?.remove();
  });

  it(
    'stops a wrong setting in the preview, with what to write instead',
    async () => {
      await project.set('phase1', { replicationFactor: '4' });
      const { code, output } = await project.pulumi('preview', '--stack', 'phase1');
      await project.set('phase1', { replicationFactor: '2' });
      expect(code).not.toBe(0);
      expect(output).toContain('replicationFactor is 4, and must be 1, 3, 5 or 7 voters');
    },
    2 * MINUTES,
  );

  it(
    'brings up phase 0 from nothing, and a second time changes nothing',
    async () => {
      const up = await project.pulumi('up', '--yes', '--skip-preview', '--stack', 'phase0');
      expect(up.output).toContain('nothing to protect');
      expect(up.code, up.output).toBe(0);
      expect(told(await project.preview('phase0'))).toEqual([]);
    },
    10 * MINUTES,
  );

  it(
    'refuses a second stack for the same namespace, with the command that hands it over',
    async () => {
      const { code, output } = await project.pulumi('preview', '--stack', 'phase1');
      expect(code).not.toBe(0);
      expect(output).toContain('another stack owns it');
      expect(output).toContain('npm run handover --');
    },
    2 * MINUTES,
  );

  it(
    'refuses a change that would restart the only node',
    async () => {
      await project.set('phase0', { databaseMemory: '640Mi' });
      const { code, output } = await project.pulumi('preview', '--stack', 'phase0');
      await project.set('phase0', { databaseMemory: SMALL.databaseMemory });
      expect(code).not.toBe(0);
      expect(output).toContain('restarts the database pods');
      expect(output).toContain('downtime');
    },
    2 * MINUTES,
  );

  it(
    'does not take an edit of a provider’s code for a change of the cluster',
    async () => {
      const edited = 'components/providers/replication-provider.ts';
      project.edit(edited, (text) => {
        expect(text).toContain("id: 'replication'");
        return text.replace("id: 'replication'", "id: String('replication')");
      });
      expect(told(await project.preview('phase0'))).toEqual([]);
    },
    2 * MINUTES,
  );

  it.each([
    [
      'phase0',
      'phase1',
      [
        'create users-reader',
        'create users-reader-password',
        'update app-database data stringData',
        'update backup',
        'update cluster-crdb spec.nodes',
        'update guard',
        'update nodes-live',
        'update replication',
      ],
    ],
    [
      'phase1',
      'phase2',
      [
        'update backup',
        'update cluster-crdb spec.nodes',
        'update guard',
        'update nodes-live',
        'update replication',
      ],
    ],
  ])(
    'goes from %s to %s: the preview shows just that, no pod restarts, and nothing is left to do',
    async (from, to, expected) => {
      const before = pods();
      const moved = await project.handOver(from, to);
      expect(moved.code, moved.output).toBe(0);
      expect(told(await project.preview(to))).toEqual(expected);

      const up = await project.pulumi('up', '--yes', '--skip-preview', '--stack', to);
      expect(up.code, up.output).toBe(0);
      expect(up.output).toMatch(/Backup .* verified/);
      const after = pods();
      for (const pod of before) expect(after).toContainEqual(pod);
      expect(told(await project.preview(to))).toEqual([]);

      const destroy = await project.pulumi('destroy', '--preview-only', '--stack', from);
      expect(destroy.output).not.toMatch(/ - +kubernetes:/);
    },
    15 * MINUTES,
  );

  it(
    'refuses to shrink',
    async () => {
      await project.set('phase2', { nodes: '2', replicationFactor: '2' });
      const { code, output } = await project.pulumi('preview', '--stack', 'phase2');
      expect(code).not.toBe(0);
      expect(output).toContain('only ever grows');
    },
    2 * MINUTES,
  );

  it(
    'keeps every secret out of the state in clear, and out of what it printed',
    async () => {
      const { output } = await project.pulumi('stack', 'export', '--show-secrets', '--stack', 'phase2');
      const passwords = [...output.matchAll(/"plaintext": "\\"([A-Za-z0-9]{32})\\""/g)].map(
        (m) => m[1] as string,
      );
      expect(passwords.length).toBeGreaterThan(0);
      const stored = await project.pulumi('stack', 'export', '--stack', 'phase2');
      const preview = await project.pulumi('preview', '--diff', '--stack', 'phase2');
      for (const password of passwords) {
        expect(stored.output).not.toContain(password);
        expect(preview.output).not.toContain(password);
      }
      expect(stored.output).not.toContain('PRIVATE KEY');
    },
    3 * MINUTES,
  );
});
