import type { V1Pod, V1PodTemplateSpec, V1StatefulSet } from '@kubernetes/client-node';
import { type CrdbCluster, isReady, type Kubernetes } from '../database/kubernetes.ts';
import { holds } from '../database/operator-status.ts';
import { stop } from '../database/waiting.ts';

/**
 * What the operator still has to do, or null. Throws when it reports that it never will.
 * Source for this and the next: facts of operator v2.18.3, section 7. `clusterStatus` is of no use: it says Failed on every normal start.
 */
export function clusterMissing(cluster: CrdbCluster | null): string | null {
  if (cluster === null) return 'there is no CrdbCluster';
  const failed = cluster.status?.operatorActions?.find(
    ({ status, message }) => status === 'Failed' && /not supported/.test(message ?? ''),
  );
  if (failed !== undefined)
    throw stop(`The operator refuses: ${failed.message}. Set a cockroachVersion that its manifest lists.`);
  if (!isTakenUp(cluster)) return 'the operator has not picked up the CrdbCluster';
  return holds(cluster, 'Initialized') ? null : 'the cluster is not initialized';
}

/** Whether the operator has begun with it. */
export function isTakenUp(cluster: CrdbCluster): boolean {
  return holds(cluster, 'CrdbVersionChecked');
}

/** How many database pods are wanted, and of which version. */
export interface PodsWanted {
  readonly nodes: number;
  /** Tag of the image, e.g. `v26.2.5`. */
  readonly version: string;
}

/** What the StatefulSet still has to do until it runs all pods with that version and one revision, or null. */
export function statefulSetMissing(set: V1StatefulSet | null, wanted: PodsWanted): string | null {
  const { nodes } = wanted;
  if (set === null) return 'the operator has not made the StatefulSet';
  const { metadata, spec, status } = set;
  // The operator writes the number a moment after the CrdbCluster has it: until then, the old state looks finished.
  if (spec?.replicas !== nodes) return `the StatefulSet is still at ${spec?.replicas} pods`;
  const version = versionOf(spec.template);
  // An image that is named by its digest shows no version.
  if (version !== null && version !== wanted.version) return `the StatefulSet is still at ${version}`;
  if (metadata?.generation !== status?.observedGeneration)
    return 'the StatefulSet has not seen its last change';
  if (status?.replicas !== nodes) return `${status?.replicas ?? 0} of ${nodes} pods are there`;
  if (status.readyReplicas !== nodes) return `${status.readyReplicas ?? 0} of ${nodes} pods are ready`;
  const updated = status.updatedReplicas === nodes && status.currentRevision === status.updateRevision;
  return updated ? null : `${status.updatedReplicas ?? 0} of ${nodes} pods run the newest revision`;
}

function versionOf({ spec }: V1PodTemplateSpec): string | null {
  const image = spec?.containers.find(({ name }) => name === 'db')?.image ?? '';
  return /:(v[^/:@]+)$/.exec(image)?.[1] ?? null;
}

/** Why pods are missing or not ready, each with the reason that Kubernetes gives; empty when all `nodes` are ready. */
export async function podProblems(kubernetes: Kubernetes, nodes: number): Promise<string> {
  const pods = await kubernetes.pods();
  const waiting = pods.filter((pod) => !isReady(pod));
  const described = waiting.map(async (pod) => {
    const name = pod.metadata?.name ?? '';
    const reasons = describePod(pod);
    // Waiting containers give a reason. For a pod without containers, the scheduler or the disk's provisioner gives it.
    if (reasons.length === 0 && pod.status?.phase === 'Pending') {
      const claims = (pod.spec?.volumes ?? []).flatMap((v) => v.persistentVolumeClaim?.claimName ?? []);
      const warnings = await Promise.all([
        kubernetes.warnings('Pod', name),
        ...claims.map((claim) => kubernetes.warnings('PersistentVolumeClaim', claim)),
      ]);
      reasons.push(...warnings.flatMap((messages) => messages.slice(-1)));
    }
    return `${name} ${[pod.status?.phase ?? 'Unknown', ...reasons].join(', ')}`;
  });
  // A pod that a quota or a policy rejects leaves no other trace.
  const refused =
    pods.length < nodes ? (await kubernetes.warnings('StatefulSet', kubernetes.name)).slice(-1) : [];
  return [...(await Promise.all(described)), ...refused].join('; ');
}

function describePod(pod: V1Pod): string[] {
  const containers = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return containers.flatMap(({ name, state, lastState, restartCount }) => {
    const { reason = '', message = '' } = state?.waiting ?? {};
    // `PodInitializing` is the reason of a container whose turn has not come.
    const waits =
      reason === '' || /Initializing|Creating/.test(reason) ? [] : [`${name}: ${reason} ${message}`.trim()];
    const ended = lastState?.terminated;
    return ended === undefined
      ? waits
      : [...waits, `${name} ended ${restartCount} times, last with code ${ended.exitCode}`];
  });
}
