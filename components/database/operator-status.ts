import type { V1StatefulSet } from '@kubernetes/client-node';
import { type Disk, disksMissing, isSameSize, sizeAsked, templateSize } from './disks.ts';
import type { CrdbCluster, OperatorAction } from './kubernetes.ts';

/** What there is beside the CrdbCluster's own status to tell an old failure by. */
export interface Beside {
  readonly statefulSet: V1StatefulSet | null;
  readonly disks: readonly Disk[];
}

/**
 * What the operator failed at when it last tried, of what is still to be done. It clears a failure only when it succeeds at the same
 * action: of one that is no longer asked for, the failure stays for ever. Of those whose end can be seen, it is taken for over then.
 * Source: operator v2.18.3, `pkg/controller/cluster_controller.go` and `pkg/actor/director.go`.
 */
export function operatorFailures(cluster: CrdbCluster, beside: Beside): OperatorAction[] {
  return (cluster.status?.operatorActions ?? []).filter(
    ({ type, status }) => status === 'Failed' && !isOver(type, cluster, beside),
  );
}

/** e.g. `ResizePVC failed: persistentvolumeclaims "datadir-crdb-0" is forbidden`. */
export function failureText({ type, message }: OperatorAction): string {
  return `${type} failed: ${message || 'it does not say why'}`;
}

/** Whether a condition of the CrdbCluster is true. */
export function holds({ status }: CrdbCluster, type: string): boolean {
  return (status?.conditions ?? []).some((c) => c.type === type && c.status === 'True');
}

function isOver(type: string, cluster: CrdbCluster, { statefulSet, disks }: Beside): boolean {
  switch (type) {
    case 'VersionCheckerAction':
      return holds(cluster, 'CrdbVersionChecked');
    // Fails on every normal start, until the first pod runs.
    case 'Initialize':
      return holds(cluster, 'Initialized');
    case 'Decommission':
      return statefulSet?.spec?.replicas === cluster.spec.nodes;
    case 'ResizePVC': {
      const asked = sizeAsked(cluster);
      const template = templateSize(statefulSet);
      return asked !== null && isSameSize(template, asked) && disksMissing(disks, asked) === null;
    }
    default:
      return false;
  }
}
