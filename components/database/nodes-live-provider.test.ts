import type { KubeConfig, V1Pod, V1StatefulSet } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CrdbCluster, Kubernetes } from './kubernetes.ts';
import { nodesLive } from './nodes-live-provider.ts';
import { node, recorder, testRun } from './recorder.testing.ts';
import { clusterMissing, statefulSetMissing } from './rollout.ts';
import type { Node } from './sql.ts';

const UP: CrdbCluster = {
  spec: { nodes: 2 },
  status: {
    conditions: [
      { type: 'CrdbVersionChecked', status: 'True' },
      { type: 'Initialized', status: 'True' },
    ],
  },
};
const template = (image: string) => ({ spec: { containers: [{ name: 'db', image }] } });
const set = (nodes: number, status = {}, image = 'cockroachdb/cockroach:v26.2.5'): V1StatefulSet => ({
  metadata: { generation: 4 },
  spec: { replicas: nodes, selector: {}, serviceName: 'crdb', template: template(image) },
  status: {
    observedGeneration: 4,
    replicas: nodes,
    readyReplicas: nodes,
    updatedReplicas: nodes,
    currentRevision: 'a',
    updateRevision: 'a',
    ...status,
  },
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Seen {
  readonly cluster?: CrdbCluster | null;
  readonly set?: V1StatefulSet | null;
  readonly pods?: V1Pod[];
  readonly nodes?: Node[];
}

/** What the wait ends with when the cluster looks like this, one step a look, the last for ever. */
async function wait(...steps: Seen[]) {
  let at = -1;
  let woken = 0;
  const now = () => steps[Math.max(0, Math.min(at, steps.length - 1))] as Seen;
  const kubernetes: Kubernetes = {
    kubeconfig: {} as KubeConfig,
    namespace: 'crdb',
    cluster: async () => {
      at++;
      return now().cluster === undefined ? UP : (now().cluster ?? null);
    },
    wake: async () => void woken++,
    statefulSet: async () => now().set ?? null,
    pods: async () => now().pods ?? [],
    warnings: async (kind, name) =>
      ({
        PersistentVolumeClaim: [`${name}: no such storage class`],
        StatefulSet: ['older', 'create Pod crdb-1 failed: exceeded quota'],
      })[kind] ?? [],
    secret: async () => null,
  };
  const database = recorder(undefined, () => now().nodes ?? []);
  const address = { context: '', namespace: 'crdb' };
  const run = testRun();
  const settled = nodesLive({ address, nodes: 2, version: 'v26.2.5' }, database, kubernetes, run).catch(
    (error: Error) => error.message,
  );
  await vi.runAllTimersAsync();
  return { result: await settled, looks: at + 1, woken };
}

const NODES = [node('crdb-0', 2), node('crdb-1', 2)];

const READY: V1Pod = {
  metadata: { name: 'crdb-0' },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
};

describe('nodes-live', () => {
  it('goes through the operator, the StatefulSet and the database, in this order', async () => {
    const waiting: Seen[] = [
      { cluster: null },
      { cluster: { spec: { nodes: 2 } } },
      { set: set(1), nodes: NODES },
      { set: set(2, { readyReplicas: 1 }), nodes: NODES },
      { set: set(2), nodes: [node('crdb-0', 1), node('crdb-1', 2)] },
      { set: set(2), nodes: [NODES[0] as Node, { ...node('crdb-1', 2), ready: false }] },
    ];
    expect(await wait(...waiting, { set: set(2), nodes: NODES })).toMatchObject({ result: true, looks: 7 });
  });

  it('says at the end why pods are not ready', async () => {
    const image: V1Pod = {
      metadata: { name: 'crdb-0' },
      status: {
        phase: 'Pending',
        containerStatuses: [
          {
            name: 'db',
            image: '',
            imageID: '',
            ready: false,
            restartCount: 0,
            state: { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } },
          },
        ],
      },
    };
    const disk: V1Pod = {
      metadata: { name: 'crdb-1' },
      spec: {
        containers: [],
        volumes: [{ name: 'datadir', persistentVolumeClaim: { claimName: 'datadir-crdb-1' } }],
      },
      status: { phase: 'Pending' },
    };
    const { result } = await wait({ set: set(2, { readyReplicas: 0 }), pods: [image, disk] });
    expect(result).toMatch(/^No 2 live nodes after 900 s\. Seen last: 0 of 2 pods are ready/);
    expect(result).toContain('crdb-0 Pending, db: ImagePullBackOff no such image');
    expect(result).toContain('crdb-1 Pending, datadir-crdb-1: no such storage class');
    expect(result).toContain('kubectl -n crdb describe pods');
  });

  it('wakes an operator that has not taken up the cluster for a while, again and again, and no other', async () => {
    const asleep: Seen = { cluster: { spec: { nodes: 2 }, status: {} } };
    const awake: Seen = { set: set(2), nodes: NODES };
    // A look every two seconds.
    expect(await wait(...Array(10).fill(asleep), awake)).toMatchObject({ result: true, woken: 0 });
    expect(await wait(...Array(13).fill(asleep), awake)).toMatchObject({ result: true, woken: 1 });
    expect(await wait(...Array(25).fill(asleep), awake)).toMatchObject({ result: true, woken: 2 });
    expect(await wait(...Array(25).fill({ cluster: null }), awake)).toMatchObject({ woken: 0 });
  });

  it('says what keeps a pod from being made', async () => {
    const { result } = await wait({ set: set(2, { replicas: 1 }), pods: [READY] });
    expect(result).toContain('1 of 2 pods are there (create Pod crdb-1 failed: exceeded quota)');
  });

  it('does not wait for an operator that refuses the version', async () => {
    const message = 'crdb version v27.1.0 not supported';
    const refused = {
      spec: { nodes: 2 },
      status: { operatorActions: [{ type: 'VersionCheckerAction', status: 'Failed', message }] },
    };
    const { result, looks } = await wait({ cluster: refused });
    expect(result).toMatch(/v27\.1\.0 not supported.*cockroachVersion/);
    expect(looks).toBe(1);
  });
});

const WANTED = { nodes: 2, version: 'v26.2.5' };

describe('the StatefulSet', () => {
  it.each([
    ['another number', set(1), /still at 1 pods/],
    ['an older version', set(2, {}, 'mirror.example:5000/cockroach:v26.2.4'), /still at v26\.2\.4/],
    ['a change that was not seen', set(2, { observedGeneration: 3 }), /not seen/],
    ['missing pods', set(2, { replicas: 1 }), /1 of 2 pods are there/],
    ['pods of an old revision', set(2, { updatedReplicas: 1 }), /1 of 2 pods run the newest/],
    ['a rollout that is not over', set(2, { updateRevision: 'b' }), /newest revision/],
  ])('is not as wanted with %s', (_, found, words) => {
    expect(statefulSetMissing(found, WANTED)).toMatch(words);
  });

  it('is as wanted when nothing of it is left to do', () => {
    expect(statefulSetMissing(set(2), WANTED)).toBeNull();
    // Which version an image is that is named by its digest, nobody says.
    expect(statefulSetMissing(set(2, {}, 'cockroachdb/cockroach@sha256:0123'), WANTED)).toBeNull();
    expect(clusterMissing(UP)).toBeNull();
  });
});
