import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BACKUP_REFUSALS } from '../../../components/database/backup-refusals.testing.ts';
import {
  type Answer,
  node,
  recorder,
  refusal,
  testRun,
} from '../../../components/database/recorder.testing.ts';
import { recordingApp, target } from './cluster.testing.ts';
import { type ClusterClients, look, lookForVerdict } from './inspect.ts';
import { isSeen } from './types.ts';

const ZONES = [
  ['RANGE default', 3, 3],
  ['RANGE meta', 3, 3],
  ['DATABASE billing', 5, 3],
].map(([target, replicas, voters]) => ({
  target: String(target),
  raw_config_sql: `ALTER ${target} CONFIGURE ZONE USING\n\tnum_replicas = ${replicas},\n\tnum_voters = ${voters}`,
}));
const RANGE = { voting_replicas: '{1,2,3}', non_voting_replicas: '{}' };

function clients(
  over: Partial<ClusterClients> = {},
  wanted: number | null = 3,
): ClusterClients & { database: ReturnType<typeof recorder> } {
  const database = recorder(
    ({ text }) => {
      if (text === 'SHOW ALL ZONE CONFIGURATIONS') return ZONES;
      if (text === 'SHOW CLUSTER RANGES') return [RANGE, RANGE, { ...RANGE, voting_replicas: '{1}' }];
      if (text === 'SHOW USERS') return [{ username: 'root' }, { username: 'app_writer' }];
      if (text.startsWith('SHOW BACKUPS')) return [{ path: '/b' }, { path: '/a' }];
      return undefined;
    },
    () => [
      node('crdb-0', 3, { ranges_underreplicated: 1, queue_replicate_purgatory: 2 }),
      node('crdb-1', 3),
      node('crdb-2', 3),
    ],
  );
  return {
    kubernetes: {
      kubeconfig: new KubeConfig(),
      namespace: 'crdb',
      name: 'crdb',
      rootSecret: 'crdb-root-tls',
      cluster: async () => (wanted === null ? null : { spec: { nodes: wanted } }),
      wake: async () => {},
      statefulSet: async () => null,
      disks: async () => [],
      storageClasses: async () => [],
      pods: async () => [
        {
          metadata: { name: 'crdb-1' },
          status: { containerStatuses: [{ restartCount: 2 } as never] },
        },
      ],
      warnings: async () => [],
      secret: async () => null,
    },
    workloads: {
      deployment: async (_, name) => ({ name, wanted: 1, ready: 1, restarts: 0 }),
      pods: async () => [],
      endpoints: async () => 3,
    },
    app: async () => recordingApp(),
    run: testRun(),
    ...over,
    database: (over.database as ReturnType<typeof recorder>) ?? database,
  };
}

describe('a look at a cluster', () => {
  it('shows every part', async () => {
    const now = await look(target({ observability: ['prometheus'] }), clients());
    expect(now.nodes).toEqual({
      wanted: 3,
      pods: [
        { name: 'crdb-0', ready: true, sees: 3, restarts: 0 },
        { name: 'crdb-1', ready: true, sees: 3, restarts: 2 },
        { name: 'crdb-2', ready: true, sees: 3, restarts: 0 },
      ],
    });
    expect(now.replication).toEqual({
      replicas: 3,
      voters: 3,
      ranges: 3,
      off: 1,
      underReplicated: 1,
      overReplicated: 0,
      unavailable: 0,
      stuck: 2,
      otherZones: ['ALTER DATABASE billing CONFIGURE ZONE USING num_replicas = 3, num_voters = 3'],
      fewestVoters: 1,
    });
    expect(now.users).toEqual(['app_writer', 'root']);
    expect(now.services).toEqual({ 'crdb-writer': 3, 'crdb-reader': 3 });
    expect(now.backups).toEqual({ destination: 'nodelocal://1/backups', count: 2, latest: '/b' });
    expect(now.observability).toEqual({
      prometheus: { name: 'prometheus', wanted: 1, ready: 1, restarts: 0 },
    });
    expect(isSeen(now.app) && now.app.pod).toBe('sample-app-1');
  });

  describe('of what the operator says', () => {
    const ACTIONS = [
      'VersionCheckerAction',
      'ClusterRestart',
      'Deploy',
      'Decommission',
      'Initialize',
      'GenerateCert',
      'ResizePVC',
      'PartitionedUpdate',
      'SetupRBAC',
      'Unknown',
      'ExposeIngressAction',
    ];
    const HELD = ['CrdbVersionChecked', 'Initialized'].map((type) => ({ type, status: 'True' }));
    const asked = (storage: string) => ({
      dataStore: { pvc: { spec: { resources: { requests: { storage } } } } },
    });
    /** A cluster of 2Gi a node, whose StatefulSet and only disk have `size`. */
    async function operator(size: string, status: string, conditions: typeof HELD, replicas = 1) {
      const operatorActions = ACTIONS.map((type) => ({ type, status, message: 'why' }));
      const kubernetes = {
        ...clients().kubernetes,
        cluster: async () => ({
          spec: { nodes: 1, ...asked('2Gi') },
          status: { operatorActions, conditions },
        }),
        statefulSet: async () => ({
          spec: { replicas, volumeClaimTemplates: [asked(size).dataStore.pvc] } as never,
        }),
        disks: async () => [
          { metadata: { name: 'datadir-crdb-0' }, status: { capacity: { storage: size } } },
          { metadata: { name: 'datadir-crdb-1' }, status: { capacity: { storage: '1Mi' } } },
        ],
      };
      const now = await look(target(), clients({ kubernetes }));
      expect(now.disks).toEqual({
        asked: '2Gi',
        disks: [{ name: 'datadir-crdb-0', size, state: null }],
      });
      return now.operator;
    }

    it('shows every action that failed', async () => {
      expect(await operator('1Gi', 'Failed', [], 2)).toEqual({
        failures: ACTIONS.map((type) => `${type} failed: why`),
        lacking: ['CrdbVersionChecked', 'Initialized'],
      });
    });

    it('leaves out those that finished, and failures whose end can be seen', async () => {
      expect(await operator('1Gi', 'Finished', HELD)).toEqual({ failures: [], lacking: [] });
      const over = ['VersionCheckerAction', 'Decommission', 'Initialize', 'ResizePVC'];
      expect(await operator('2Gi', 'Failed', HELD)).toEqual({
        failures: ACTIONS.filter((type) => !over.includes(type)).map((type) => `${type} failed: why`),
        lacking: [],
      });
    });
  });

  it('continues past a part that cannot be read, and says why', async () => {
    const now = await look(
      target(),
      clients({
        app: async () => null,
        workloads: { ...clients().workloads, deployment: async () => Promise.reject(new Error('refused')) },
      }),
    );
    expect(now.app).toEqual({ problem: 'sample-app has no pod' });
    expect(now.load).toEqual({ problem: 'refused' });
    expect(isSeen(now.replication)).toBe(true);
  });

  it('sends no statement when no node takes one: it would wait for minutes', async () => {
    const database = recorder(undefined, () => [
      { pod: 'crdb-0', ready: false, metrics: {}, problem: 'refused' },
    ]);
    const now = await look(target(), clients({ database }));
    expect(database.sent).toEqual([]);
    expect(now.replication).toEqual({ problem: 'no database pod takes SQL' });
    expect(now.nodes).toMatchObject({
      pods: [{ name: 'crdb-0', ready: false, sees: null, problem: 'refused' }],
    });
  });

  const backups = async (answer: Answer) => {
    const database = recorder(
      ({ text }) => (text.startsWith('SHOW BACKUPS') ? answer : undefined),
      () => [node('crdb-0', 1)],
    );
    return (await look(target(), clients({ database }))).backups;
  };

  it('finds no backup in a collection that is not there yet: CockroachDB lists it as an empty one', async () => {
    expect(await backups([])).toMatchObject({ count: 0, latest: null });
  });

  it.each(BACKUP_REFUSALS)('finds a problem, and not an empty collection: %s', async (_, message) => {
    expect(await backups(refusal('XXUUU', message))).toEqual({ problem: message });
  });

  it('shows no key of a storage address', async () => {
    const at = target({ backupDestination: 's3://bucket/path?AWS_SECRET_ACCESS_KEY=hidden' });
    expect(JSON.stringify(await look(at, clients()))).not.toContain('hidden');
  });

  it('says of each part that there is no cluster', async () => {
    const now = await look(target(), clients({}, null));
    const problem = 'there is no CrdbCluster crdb in namespace crdb';
    expect(now.nodes).toEqual({ problem });
    expect(now.backups).toEqual({ problem });
  });
});

describe('a look for a verdict', () => {
  afterEach(() => void vi.useRealTimers());

  /** A cluster whose ranges are, at each look, what the test says; how many looks were taken, and what was found. */
  async function verdict(rangesAt: (look: number) => object, under: (look: number) => number = () => 0) {
    vi.useFakeTimers();
    const looks: number[] = [];
    const database = recorder(
      ({ text }) => {
        if (text === 'SHOW ALL ZONE CONFIGURATIONS') return ZONES;
        return text === 'SHOW CLUSTER RANGES' ? [RANGE, { ...RANGE, ...rangesAt(looks.length) }] : undefined;
      },
      () => {
        looks.push(Date.now());
        return [node('crdb-0', 1, { ranges_underreplicated: under(looks.length) })];
      },
    );
    const run = testRun();
    const found = lookForVerdict(target(), clients({ database, run }, 1));
    await vi.advanceTimersByTimeAsync(60_000);
    const { replication } = await found;
    const ms = (looks.at(-1) ?? 0) - (looks[0] ?? 0);
    return { looks: looks.length, ms, replication, said: run.said };
  }
  const MOVED = { voting_replicas: '{1,2}', non_voting_replicas: '{3}' };

  it('is one look when every range has its copies', async () => {
    expect(await verdict(() => ({}))).toMatchObject({ looks: 1, replication: { off: 0 }, said: [] });
  });

  it('accepts a range that is being moved, and says that it looks again', async () => {
    const found = await verdict((look) => (look < 3 ? MOVED : {}));
    expect(found).toMatchObject({ looks: 3, replication: { off: 0 } });
    expect(found.said).toEqual(
      Array(2).fill(expect.stringMatching(/^1 of 2 ranges lack copies now; .* again/)),
    );
  });

  it('accepts what the nodes count as under-replicated for a moment', async () => {
    const found = await verdict(
      () => ({}),
      (look) => (look === 1 ? 2 : 0),
    );
    expect(found).toMatchObject({ looks: 2, replication: { underReplicated: 0 } });
  });

  it('finds ranges that lack copies at all three looks, over more than the 10 s between two counts of a node', async () => {
    const found = await verdict(() => MOVED);
    expect(found).toMatchObject({ looks: 3, replication: { off: 1 } });
    expect(found.ms).toBeGreaterThan(10_000);
  });

  it('is one look when the ranges cannot be read', async () => {
    vi.useFakeTimers();
    const database = recorder(
      ({ text }) => (text === 'SHOW CLUSTER RANGES' ? refusal('42501', 'no') : ZONES),
      () => [node('crdb-0', 1)],
    );
    const found = await lookForVerdict(target(), clients({ database }, 1));
    expect(found.replication).toEqual({ problem: 'no' });
  });

  it('counts a range that learns a new copy as right: a learner is no copy yet', async () => {
    expect(await verdict(() => ({ learner_replicas: '{4}' }))).toMatchObject({ looks: 1 });
  });
});
