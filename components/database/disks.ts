import type { V1PersistentVolumeClaim, V1StatefulSet, V1StorageClass } from '@kubernetes/client-node';
import { amountOf } from '../quantity.ts';
import type { CrdbCluster } from './kubernetes.ts';

/** The disk of a node: what is asked for, and what is there. */
export interface Disk {
  /** Name of its claim. */
  readonly name: string;
  /** What the file system holds, e.g. `10Gi`; null while there is no volume. */
  readonly size: string | null;
  /** Why it is not yet what was asked for, as Kubernetes says it; null when it says nothing. */
  readonly state: string | null;
}

/** The disks of the first `nodes` pods that are there. Those of pods that are gone are nobody's. */
export function disksOf(claims: readonly V1PersistentVolumeClaim[], nodes: number): Disk[] {
  return used(claims, nodes).map((claim) => ({
    name: nameOf(claim),
    size: claim.status?.capacity?.storage ?? null,
    state: stateOf(claim),
  }));
}

/** What the CrdbCluster asks for; null when it says nothing. */
export function sizeAsked({ spec }: CrdbCluster): string | null {
  return spec.dataStore?.pvc?.spec?.resources?.requests?.storage ?? null;
}

/** What the disk of a new pod is to have; null without a StatefulSet. */
export function templateSize(statefulSet: V1StatefulSet | null): string | null {
  return statefulSet?.spec?.volumeClaimTemplates?.[0]?.spec?.resources?.requests?.storage ?? null;
}

export const isSameSize = (size: string | null, other: string) =>
  amountOf(size ?? undefined) === amountOf(other);

export const isSmaller = (size: string | null, wanted: string) =>
  amountOf(size ?? undefined) < amountOf(wanted);

/** A disk whose volume has grown, and whose file system waits for the pod's node. */
export const FILE_SYSTEM_WAITS = 'FileSystemResizePending';

/** What keeps the disks from having the size, or null. What a provisioner gives beyond it is no fault. */
export function disksMissing(disks: readonly Disk[], size: string): string | null {
  const small = disks.filter((disk) => isSmaller(disk.size, size));
  if (small.length === 0) return null;
  return small
    .map(({ name, size: has, state }) => `${name} has ${has ?? 'no volume'}${state ? ` (${state})` : ''}`)
    .join('; ');
}

/**
 * Why disks cannot get another size, by what is there: the size that a stack had last proves nothing, as an enlargement may have failed.
 * Kubernetes refuses a larger claim whose class does not let it grow, and the operator then tries for ever and does nothing else.
 */
export function resizeRefusals(
  size: string,
  claims: readonly V1PersistentVolumeClaim[],
  nodes: number,
  classes: readonly V1StorageClass[],
): string[] {
  const disks = used(claims, nodes);
  const has = (claim: V1PersistentVolumeClaim) => claim.status?.capacity?.storage;
  // A provisioner may give more than was asked for, so that both count; and an enlargement that Kubernetes took, and that is not there
  // yet, can only be taken back to more than the disk has. Tried, Kubernetes 1.34.
  const asked = (claim: V1PersistentVolumeClaim) => claim.spec?.resources?.requests?.storage ?? '0';
  const larger = disks.filter(
    (claim) => !isSmaller(has(claim) ?? null, size) && isSmaller(size, asked(claim)),
  );
  if (larger.length > 0)
    return [
      `a disk never gets smaller, and storageSize is ${size}: ${larger.map((c) => `${nameOf(c)} has ${has(c)}${asked(c) === has(c) ? '' : ` and is to become ${asked(c)}`}`).join(', ')}. Set it back. To move to smaller disks, back up, tear down, start anew, and restore`,
    ];
  const growing = disks.filter(
    (claim) => isSmaller(has(claim) ?? null, size) || isSmaller(asked(claim), size),
  );
  const unbound = growing.filter((claim) => has(claim) === undefined).map(nameOf);
  if (unbound.length > 0)
    return [
      `${unbound.join(', ')} has no volume yet, and Kubernetes changes no size before it has one: set storageSize back, and see why: kubectl get events`,
    ];
  const names = [...new Set(growing.map((claim) => claim.spec?.storageClassName ?? ''))];
  return names.flatMap((name) => {
    const found = classes.find(({ metadata }) => metadata?.name === name);
    if (found?.allowVolumeExpansion === true) return [];
    const of = growing.filter((claim) => (claim.spec?.storageClassName ?? '') === name);
    const why =
      found === undefined
        ? `storage class ${name || '(none)'}, which made them, is not there`
        : `storage class ${name} does not let its disks grow (allowVolumeExpansion)`;
    return [
      `the disks cannot become ${size}: ${of.map((c) => `${nameOf(c)} has ${has(c)}`).join(', ')}, and ${why}. Set storageSize back; docs/runbooks/disk-full.md says what else can be done`,
    ];
  });
}

/** What is wrong with the class of disks that are to be made, or null. Empty for the Kubernetes cluster's default. */
export function classMissing(storageClass: string, classes: readonly V1StorageClass[]): string | null {
  const names = classes.map(({ metadata }) => metadata?.name ?? '');
  const known = names.length === 0 ? 'and no other either' : `only: ${names.join(', ')}`;
  if (storageClass !== '')
    return names.includes(storageClass)
      ? null
      : `there is no storage class ${storageClass}, ${known}. Make it, or name another: pulumi config set storageClass <name>`;
  return classes.some(isDefault)
    ? null
    : `the cluster has no default storage class, ${known}. Name one: pulumi config set storageClass <name>`;
}

const isDefault = ({ metadata }: V1StorageClass) =>
  metadata?.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';

function used(claims: readonly V1PersistentVolumeClaim[], nodes: number): V1PersistentVolumeClaim[] {
  // A claim ends in the number of its pod: `datadir-crdb-0`.
  return claims.filter((claim) => Number(nameOf(claim).split('-').at(-1)) < nodes);
}

const nameOf = ({ metadata }: V1PersistentVolumeClaim) => metadata?.name ?? '';

/** Conditions are of an enlargement that is under way or failed; the newer field knows failures that have no condition. */
function stateOf({ status }: V1PersistentVolumeClaim): string | null {
  const conditions = (status?.conditions ?? [])
    .filter((condition) => condition.status === 'True')
    .map(({ type, message }) => (message ? `${type}: ${message}` : type));
  const failed = status?.allocatedResourceStatuses?.storage ?? '';
  const said = [...conditions, ...(/Failed|Infeasible/.test(failed) ? [failed] : [])];
  return said.length > 0 ? said.join(', ') : null;
}
