import { kubectl, type Target } from '../../lib/phase/settings.ts';

/** Of a cluster that lives on without a node. */
export const EXERCISES = ['pod-kill', 'drain', 'node-loss'] as const;
export type Exercise = (typeof EXERCISES)[number];
/** `outage`: of the only node, on purpose. */
export const KINDS = [...EXERCISES, 'outage'] as const;
export type Kind = (typeof KINDS)[number];

/** One thing that a drill does, with the command that a person would type for it. */
export interface Act {
  readonly what: 'hold' | 'delete' | 'delete-now' | 'delete-and-wait' | 'release';
  readonly command: string;
}

export interface DrillPlan {
  readonly kind: Kind;
  readonly pod: string;
  readonly title: string;
  /** What it does to whom, where that is more than an exercise. */
  readonly harms: readonly string[];
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
        harms: [],
        acts: [now],
        away: 0,
        undo: null,
      };
    case 'drain':
      return {
        kind,
        pod,
        title: `${pod} is drained and restarted, as in planned work: it hands its leases and connections over first`,
        harms: [],
        acts: [{ what: 'delete', command: `${on} delete pod ${pod} --wait=false` }],
        away: 0,
        undo: null,
      };
    case 'node-loss':
      return {
        kind,
        pod,
        title: `${pod} is killed without warning and stays away for ${seconds} s, as when its machine is lost`,
        harms: [],
        acts: [{ what: 'hold', command: patch(`["${HOLD}"]`) }, now],
        away: seconds,
        undo: release,
      };
    case 'outage':
      return {
        kind,
        pod,
        title: `${pod}, the only node, is killed: a real outage, on purpose`,
        harms: [
          'Everybody who uses this database waits: logins and searches are answered with 503 until the node is back, some seconds to a minute.',
          'The alerts WitnessGap, SampleAppErrors and CockroachDBNodeRestarted may fire, and the load generator counts errors.',
          'Nothing that was acknowledged is lost: the disk stays, and the same node comes back on it.',
        ],
        // Not forced: the pod keeps its name until its process has ended, so that no two ever have this disk, the only copy. A second is too
        // short for a node to hand anything over, which takes it 15 s and more.
        acts: [{ what: 'delete-and-wait', command: `${on} delete pod ${pod} --grace-period=1` }],
        away: 0,
        undo: null,
      };
  }
}
