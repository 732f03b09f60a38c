import { copiesOf } from '../../../components/database/zones.ts';
import { USERS } from '../../../components/names.ts';
import type { Target } from '../phase/settings.ts';
import { type ClusterNow, isSeen } from './types.ts';

/** Where in the evolution a cluster is. */
export interface PhaseNow {
  /** The last phase whose every step is done; null when there is none, or when it cannot be seen. */
  readonly reached: string | null;
  /** The next phase, when some of its steps are done already: these. */
  readonly inProgress: { readonly phase: string; readonly done: readonly string[] } | null;
}

type Asks = Pick<Target, 'stack' | 'nodes' | 'replicationFactor' | 'readerUserEnabled'>;

/** What the cluster itself says of its phase, whatever any stack says. `phases` in their order. */
export function phaseOf(
  now: Pick<ClusterNow, 'nodes' | 'replication' | 'users'>,
  phases: readonly Asks[],
): PhaseNow {
  const done = (phase: Asks) => stepsDone(now, phase);
  const reached = phases.filter((phase) => done(phase).every((step) => step.done)).at(-1) ?? null;
  const next = phases[phases.indexOf(reached as Asks) + 1];
  const before = reached === null ? [] : done(reached).map((step) => step.text);
  const begun =
    next === undefined
      ? []
      : done(next).flatMap((step) => (step.done && !before.includes(step.text) ? [step.text] : []));
  return {
    reached: reached?.stack ?? null,
    inProgress: next === undefined || begun.length === 0 ? null : { phase: next.stack, done: begun },
  };
}

function stepsDone(
  { nodes, replication, users }: Pick<ClusterNow, 'nodes' | 'replication' | 'users'>,
  phase: Asks,
) {
  const copies = copiesOf(phase.replicationFactor);
  const wanted = isSeen(nodes) ? nodes.wanted : 0;
  const hasCopies =
    isSeen(replication) && replication.replicas >= copies.replicas && replication.voters >= copies.voters;
  const steps = [
    { text: `${phase.nodes} node${phase.nodes === 1 ? '' : 's'}`, done: wanted >= phase.nodes },
    { text: `replication factor ${phase.replicationFactor}`, done: hasCopies },
  ];
  if (phase.readerUserEnabled)
    steps.push({ text: USERS.reader, done: isSeen(users) && users.includes(USERS.reader) });
  return steps;
}
