import { kubectl, type Target } from '../cluster/settings.ts';

export const KINDS = ['pod-kill', 'drain', 'node-loss'] as const;
export type Kind = (typeof KINDS)[number];

/** One thing that a drill does, with the command that a person would type for it. */
export interface Act {
  readonly what: 'hold' | 'delete' | 'delete-now' | 'release';
  readonly command: string;
}

export interface DrillPlan {
  readonly kind: Kind;
  readonly pod: string;
  readonly title: string;
  readonly acts: readonly Act[];
  /** Seconds between losing the node and giving it back; 0 where it comes back by itself. */
  readonly away: number;
  /** What must be done whatever happens, and what a person types when even that fails. */
  readonly undo: Act | null;
}

/** Keeps a deleted pod's name taken, so that Kubernetes makes no new one until it is removed. */
export const HOLD = 'cockroachdb-live-evolution/drill';

/** What a drill does to one pod of the database. `seconds`: how long a lost node stays away. */
export function planDrill(kind: Kind, pod: string, target: Target, seconds: number): DrillPlan {
  const on = kubectl(target, target.namespaces.database);
  const patch = (finalizers: string) =>
    `${on} patch pod ${pod} --type=merge -p '{"metadata":{"finalizers":${finalizers}}}'`;
  const release: Act = { what: 'release', command: patch('null') };
  const now: Act = {
    what: 'delete-now',
    command: `${on} delete pod ${pod} --grace-period=0 --force --wait=false`,
  };
  switch (kind) {
    case 'pod-kill':
      return {
        kind,
        pod,
        title: `${pod} is killed without warning, and comes back by itself`,
        acts: [now],
        away: 0,
        undo: null,
      };
    case 'drain':
      return {
        kind,
        pod,
        title: `${pod} is drained and restarted, as in planned work: it hands its leases and connections over first`,
        acts: [{ what: 'delete', command: `${on} delete pod ${pod} --wait=false` }],
        away: 0,
        undo: null,
      };
    case 'node-loss':
      return {
        kind,
        pod,
        title: `${pod} is killed without warning and stays away for ${seconds} s, as when its machine is lost`,
        acts: [{ what: 'hold', command: patch(`["${HOLD}"]`) }, now],
        away: seconds,
        undo: release,
      };
  }
}
