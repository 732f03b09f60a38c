import type { V1StatefulSet } from '@kubernetes/client-node';
import { type Disk, disksMissing, disksOf, FILE_SYSTEM_WAITS, isSmaller } from '../database/disks.ts';
import type { CrdbCluster, DatabaseAddress, Kubernetes } from '../database/kubernetes.ts';
import { failureText, operatorFailures } from '../database/operator-status.ts';
import { type Look, type Run, stop, waitFor } from '../database/waiting.ts';

/** Seconds: a cloud enlarges a volume in minutes at most. */
const GROWN_SECONDS = 600;
/** Milliseconds: a node that can enlarge a file system in use does it within a minute or two. */
const FILE_SYSTEM_MS = 180_000;

export interface DisksWanted {
  readonly address: DatabaseAddress;
  readonly nodes: number;
  readonly storageSize: string;
}

type RefusedResize = ReturnType<typeof refusedResize>;

/** Waits until every node's disk has the size. */
export async function disksGrown(
  { address, nodes, storageSize }: DisksWanted,
  kubernetes: Kubernetes,
  refused: RefusedResize,
  run: Run,
): Promise<void> {
  const { namespace } = address;
  const fileSystems = fileSystemsWait(namespace);
  let grown = false;
  const look = async (): Promise<Look<true>> => {
    const disks = disksOf(await kubernetes.disks(), nodes);
    const missing = disksMissing(disks, storageSize);
    if (missing === null) return { done: true };
    grown = true;
    const cluster = await kubernetes.cluster();
    const failed = cluster && (await refused(cluster, await kubernetes.statefulSet(), nodes));
    fileSystems(disks, storageSize);
    if (failed) return { waiting: `${missing}; the operator: ${failed}` };
    const small = disks.filter(({ size }) => isSmaller(size, storageSize));
    const warnings = await Promise.all(
      small.map(({ name }) => kubernetes.warnings('PersistentVolumeClaim', name)),
    );
    return { waiting: [missing, ...warnings.flatMap((messages) => messages.slice(-1))].join('; ') };
  };
  const what = `disks of ${storageSize}`;
  const next = `Look at: kubectl -n ${namespace} describe pvc; docs/runbooks/disk-full.md says what can be done. When that is fixed, run the same command again.`;
  await waitFor(look, { what, seconds: GROWN_SECONDS, every: 2, next }, run);
  if (grown) run.say(`Every disk has ${storageSize}.`);
}

/**
 * Throws when the operator was refused the larger disks, asked to try again, and refused again: the first refusal may be one of an
 * earlier try. Returns what it failed at, or null.
 */
export function refusedResize(kubernetes: Kubernetes, run: Run) {
  let first: string | undefined;
  return async (
    cluster: CrdbCluster,
    statefulSet: V1StatefulSet | null,
    nodes: number,
  ): Promise<string | null> => {
    if (!cluster.status?.operatorActions?.some(({ type, status }) => type === RESIZE && status === 'Failed'))
      return null;
    const disks = disksOf(await kubernetes.disks(), nodes);
    const failed = operatorFailures(cluster, { statefulSet, disks }).find(({ type }) => type === RESIZE);
    if (failed === undefined) return null;
    // What it retries by itself is not a refusal, e.g. pods that are not all up.
    if (!/forbidden|invalid/i.test(failed.message ?? '')) return failureText(failed);
    const at = failed.lastTransitionTime ?? '';
    if (first === undefined) {
      first = at;
      run.say(`The operator could not enlarge the disks; asking it to try again: ${failed.message}`);
      await kubernetes.wake();
    } else if (at !== first)
      throw stop(
        `The operator cannot enlarge the disks, and does nothing else until it can: ${failureText(failed)}. Set storageSize back, or let the storage class enlarge its disks: docs/runbooks/disk-full.md. Then run the same command again.`,
      );
    return failureText(failed);
  };
}

const RESIZE = 'ResizePVC';

/** Throws when nothing but file systems is too small for a while: then they grow when their pods start anew, and nobody does that here. */
function fileSystemsWait(namespace: string): (disks: readonly Disk[], size: string) => void {
  let since: number | null = null;
  return (disks, size) => {
    const small = disks.filter((disk) => isSmaller(disk.size, size));
    const onlyThese = small.every(({ state }) => state?.includes(FILE_SYSTEM_WAITS));
    since = onlyThese ? (since ?? Date.now()) : null;
    if (since === null || Date.now() - since < FILE_SYSTEM_MS) return;
    const pods = small.map(({ name }) => name.replace(/^datadir-/, ''));
    throw stop(
      `The volumes have grown to ${size}, and the file systems of ${pods.join(', ')} have not: this storage driver enlarges them when the pod starts. Restart these pods one at a time, each when the one before is ready again (with fewer than three voting copies that is downtime): kubectl -n ${namespace} delete pod ${pods[0]}. Then run the same command again.`,
    );
  };
}
