import type { KubeConfig, V1PersistentVolumeClaim, V1Pod, V1StatefulSet } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CrdbCluster, Kubernetes } from '../database/kubernetes.ts';
import { node, recorder, testRun } from '../database/recorder.testing.ts';
import type { Node } from '../database/sql.ts';
import { nodesLive } from '../steps/nodes-live.ts';
import { clusterMissing, statefulSetMissing } from '../steps/rollout.ts';

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
  readonly disks?: V1PersistentVolumeClaim[];
}

const disk = (i: number, size: string, condition?: string): V1PersistentVolumeClaim => ({
  metadata: { name: `datadir-crdb-${i}` },
  status: {
    capacity: { storage: size },
    ...(condition === undefined ? {} : { conditions: [{ type: condition, status: 'True' }] }),
  },
});

/** What the wait ends with when the cluster looks like this, one step a look, the last for ever. */
async function wait(...steps: Seen[]) {
  let at = -1;
  let woken = 0;
  const now = () => steps[Math.max(0, Math.min(at, steps.length - 1))] as Seen;
  const kubernetes: Kubernetes = {
    kubeconfig: {} as KubeConfig,
    namespace: 'crdb',
    name: 'crdb',
    rootSecret: 'crdb-root-tls',
    cluster: async () => {
      at++;
      return now().cluster === undefined ? UP : (now().cluster ?? null);
    },
    wake: async () => void woken++,
    statefulSet: async () => now().set ?? null,
    pods: async () => now().pods ?? [],
    disks: async () => now().disks ?? [disk(0, '2Gi'), disk(1, '2Gi')],
    storageClasses: async () => [],
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
  const settled = nodesLive(
    { address, nodes: 2, version: 'v26.2.5', storageSize: '2Gi' },
    database,
    kubernetes,
    run,
  ).catch((error: Error) => error.message);
  await vi.runAllTimersAsync();
  return { result: await settled, looks: at + 1, woken, said: run.said };
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

describe('nodes-live, of the disks', () => {
  const live = { set: set(2), nodes: NODES };
  const small = [disk(0, '2Gi'), disk(1, '1Gi')];
  const FORBIDDEN =
    'updating PVCs for statefulset crdb.crdb: error resizing PVCs: persistentvolumeclaims "datadir-crdb-0" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';
  /** A cluster that is told to have 2Gi and whose StatefulSet was not made anew, with the operator's last word on it. */
  const resizing = (message: string, lastTransitionTime: string): CrdbCluster => ({
    spec: { nodes: 2, dataStore: { pvc: { spec: { resources: { requests: { storage: '2Gi' } } } } } },
    status: {
      ...UP.status,
      operatorActions: [{ type: 'ResizePVC', status: 'Failed', message, lastTransitionTime }],
    },
  });

  it('waits until each has the size, and may have more', async () => {
    const grown = { ...live, disks: [disk(0, '2Gi'), disk(1, '2200Mi')] };
    const { result, said } = await wait({ ...live, disks: small }, grown);
    expect(result).toBe(true);
    expect(said).toContain('Every disk has 2Gi.');
  });

  it('says after ten minutes which has it not, and what Kubernetes says of it', async () => {
    const disks = [disk(0, '2Gi'), disk(1, '1Gi', 'Resizing')];
    const { result } = await wait({ ...live, disks });
    expect(result).toMatch(
      /^No disks of 2Gi after 60\d s\. Seen last: datadir-crdb-1 has 1Gi \(Resizing\); datadir-crdb-1: no such/,
    );
    expect(result).toMatch(/kubectl -n crdb describe pvc; docs\/runbooks\/disk-full\.md/);
  });

  it('ends when the operator is refused them once more after it was asked to try again', async () => {
    const first = { ...live, disks: small, cluster: resizing(FORBIDDEN, '2026-06-12T10:00:00Z') };
    const again = { ...first, cluster: resizing(FORBIDDEN, '2026-06-12T10:00:05Z') };
    const { result, woken } = await wait(first, first, first, again);
    expect(woken).toBe(1);
    expect(result).toMatch(
      /^The operator cannot enlarge the disks, and does nothing else until it can: ResizePVC failed: /,
    );
    expect(result).toMatch(/must support resize\. Set storageSize back, or let the storage class/);
  });

  it('does not take an old refusal for a new one', async () => {
    const old = { ...live, disks: small, cluster: resizing(FORBIDDEN, '2026-06-12T10:00:00Z') };
    expect(await wait(old, old, live)).toMatchObject({ result: true, woken: 1 });
  });

  it('lets the operator wait for pods that are not all up, and says so', async () => {
    const message = 'resize pvc statefulset does not have all replicas up';
    const waiting = (second: number) => ({
      ...live,
      disks: small,
      cluster: resizing(message, `2026-06-12T10:00:0${second}Z`),
    });
    const steps = [waiting(1), waiting(2), waiting(3), waiting(4)];
    expect(await wait(...steps, live)).toMatchObject({ result: true, woken: 0 });
    expect((await wait(...steps)).result).toContain(`the operator: ResizePVC failed: ${message}`);
  });

  it('ends also when the operator makes no node because of it', async () => {
    const stuck = (second: number): Seen => ({
      set: set(1),
      disks: small,
      cluster: resizing(FORBIDDEN, `2026-06-12T10:00:0${second}Z`),
    });
    const { result } = await wait(stuck(1), stuck(2), stuck(3));
    expect(result).toMatch(/^The operator cannot enlarge the disks, and does nothing else/);
  });

  it('says after three minutes that file systems wait for a restart of their pods', async () => {
    const waiting = { ...live, disks: [disk(0, '2Gi'), disk(1, '1Gi', 'FileSystemResizePending')] };
    const { result, looks } = await wait(waiting);
    expect(result).toMatch(/^The volumes have grown to 2Gi, and the file systems of crdb-1 have not/);
    expect(result).toMatch(
      /fewer than three voting copies that is downtime.*kubectl -n crdb delete pod crdb-1/,
    );
    expect(looks).toBeGreaterThan(85);
    expect(looks).toBeLessThan(100);
    expect(await wait(...Array(60).fill(waiting), live)).toMatchObject({ result: true });
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
