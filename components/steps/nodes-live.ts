import type { CrdbCluster, DatabaseAddress, Kubernetes } from '../database/kubernetes.ts';
import { nodesMissing } from '../database/settle.ts';
import type { Database } from '../database/sql.ts';
import { type Look, type Run, waitFor } from '../database/waiting.ts';
import { disksGrown, refusedResize } from './resize.ts';
import { clusterMissing, isTakenUp, type PodsWanted, podProblems, statefulSetMissing } from './rollout.ts';

export interface NodesLiveInputs extends PodsWanted {
  readonly address: DatabaseAddress;
  /** Disk of each node, e.g. `10Gi`. */
  readonly storageSize: string;
}

/** Seconds: in this time a fresh machine pulls the images, and in an upgrade one node restarts after the other. */
const LIVE_SECONDS = 900;
/** Milliseconds: a healthy operator picks up a cluster within a second or two. */
const ASLEEP_MS = 20_000;

/**
 * Waits until the operator and Kubernetes have done their part, then until every node reports that all nodes are live, and then until their
 * disks have the size.
 */
export async function nodesLive(
  { address, storageSize, ...wanted }: NodesLiveInputs,
  database: Database,
  kubernetes: Kubernetes,
  run: Run,
): Promise<true> {
  const { nodes } = wanted;
  const alarm = alarmClock(kubernetes, run);
  const refused = refusedResize(kubernetes, run);
  const look = async (): Promise<Look<true>> => {
    const cluster = await kubernetes.cluster();
    await alarm(cluster);
    const statefulSet = await kubernetes.statefulSet();
    const missing = clusterMissing(cluster) ?? statefulSetMissing(statefulSet, wanted);
    // As long as one action fails, the operator does nothing else.
    if (missing !== null && cluster !== null) await refused(cluster, statefulSet, nodes);
    if (missing === null) {
      const unwell = nodesMissing(await database.nodes(), nodes);
      return unwell === null ? { done: true } : { waiting: unwell };
    }
    const problems = await podProblems(kubernetes, nodes);
    return { waiting: problems === '' ? missing : `${missing} (${problems})` };
  };
  const next = `Look at: kubectl -n ${address.namespace} describe pods; when that is fixed, run the same command again.`;
  const what = `${nodes} live node${nodes === 1 ? '' : 's'}`;
  await waitFor(look, { what, seconds: LIVE_SECONDS, every: 2, next }, run);
  run.say(`${what}.`);
  await disksGrown({ address, nodes, storageSize }, kubernetes, refused, run);
  return true;
}

/**
 * Wakes an operator that has not picked up the CrdbCluster for a while. Between its first two actions it waits for a change of the object.
 * When it is slow, it has already seen the last change, and would only continue after ten hours. Source: operator v2.18.3,
 * `pkg/controller/cluster_controller.go`; seen in a cluster.
 */
function alarmClock(kubernetes: Kubernetes, run: Run): (cluster: CrdbCluster | null) => Promise<void> {
  let asleepSince: number | null = null;
  return async (cluster) => {
    if (cluster === null || isTakenUp(cluster)) asleepSince = null;
    else asleepSince ??= Date.now();
    if (asleepSince === null || Date.now() - asleepSince < ASLEEP_MS) return;
    asleepSince = Date.now();
    run.say('The operator has not picked up the CrdbCluster: asking it to look again.');
    await kubernetes.wake();
  };
}
