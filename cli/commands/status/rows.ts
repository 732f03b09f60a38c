import { disksMissing } from '../../../components/database/disks.ts';
import { copiesText } from '../../lib/cluster/findings.ts';
import type { PhaseNow } from '../../lib/cluster/phase.ts';
import type {
  AppNow,
  BackupsNow,
  ClusterNow,
  DisksNow,
  NodesNow,
  OperatorNow,
  ReplicationNow,
  Seen,
} from '../../lib/cluster/types.ts';
import { isSeen } from '../../lib/cluster/types.ts';
import type { Workload } from '../../lib/cluster/workloads.ts';
import type { Target } from '../../lib/phase/settings.ts';

export interface StatusOf {
  readonly now: ClusterNow;
  readonly phase: PhaseNow;
  /** All phases, in their order. */
  readonly phases: readonly Pick<Target, 'stack'>[];
  /** The stack that owns the resources; null when none does. */
  readonly owner: Seen<string | null>;
  readonly target: Pick<Target, 'context' | 'namespaces'>;
}

/** One screen of text: at most 80 characters a line where nothing is wrong, one line a part. */
export function statusRows({ now, phase, phases, owner, target }: StatusOf): string[] {
  const where = target.context === '' ? '' : `context ${target.context}, `;
  return [
    row('phase', phaseText(phase)),
    row(
      'owner',
      isSeen(owner) ? (owner === null ? 'no stack owns anything' : `stack ${owner}`) : owner.problem,
    ),
    row('cluster', `${where}namespace ${target.namespaces.database}`),
    row('nodes', text(now.nodes, nodesText)),
    row('operator', text(now.operator, operatorText)),
    row('disks', text(now.disks, disksText)),
    row('copies', text(now.replication, copies)),
    row('ranges', text(now.replication, ranges)),
    row('load', text(now.load, workloadText)),
    row('app', text(now.app, appText)),
    row('witness', text(now.app, witnessText)),
    row('backup', text(now.backups, backupText)),
    row('next', nextText(phase, phases, owner)),
  ];
}

const row = (name: string, value: string) => `${name.padEnd(9)} ${value}`;

function text<T>(seen: Seen<T>, say: (value: T) => string): string {
  return isSeen(seen) ? say(seen) : `not seen: ${seen.problem}`;
}

function phaseText({ reached, inProgress }: PhaseNow): string {
  const at = reached ?? 'none reached yet';
  return inProgress === null
    ? at
    : `${at}, on the way to ${inProgress.phase}: ${inProgress.done.join(', ')} done`;
}

function nodesText({ wanted, pods }: NodesNow): string {
  const ready = pods.filter((pod) => pod.ready).length;
  const each = pods.map(({ name, ready: takes, restarts, problem }) => {
    const state = problem === undefined ? (takes ? 'ready' : 'not ready') : 'does not answer';
    return `${name} ${state}${restarts === 0 ? '' : `, ${restarts} restarts`}`;
  });
  return `${ready} of ${wanted} ready (${each.join('; ') || 'no pod'})`;
}

function operatorText({ failures, lacking }: OperatorNow): string {
  const problems = [...failures, ...lacking.map((type) => `${type} is not true`)];
  return problems.length === 0 ? 'nothing failed' : `FAILED: ${problems.join('; ')}`;
}

function disksText({ asked, disks }: DisksNow): string {
  const missing = asked === null ? null : disksMissing(disks, asked);
  return missing === null
    ? `${disks.length} of ${asked ?? 'a size that nobody asked for'}`
    : `to become ${asked}: ${missing}`;
}

function copies(now: ReplicationNow): string {
  const failover = now.voters >= 3 && now.fewestVoters >= 3 ? 'one node may die' : 'no failover yet';
  return `${copiesText(now)} of each range; ${failover}`;
}

function ranges({ ranges: all, off, underReplicated, unavailable }: ReplicationNow): string {
  const left = [
    ...(unavailable > 0 ? [`${unavailable} unavailable`] : []),
    ...(underReplicated > 0 ? [`${underReplicated} under-replicated`] : []),
    ...(off > 0 ? [`${off} on their way`] : []),
  ];
  return `${all}, ${left.length === 0 ? 'all as they should be' : left.join(', ')}`;
}

function workloadText(load: Workload | null): string {
  return load === null ? 'not there' : `${load.name} ${load.ready} of ${load.wanted} ready`;
}

function appText({ pod, readiness: { ok, checks } }: AppNow): string {
  const users = ['writer', 'reader'].map((name) => `${name} ${checks[name]?.detail ?? 'not checked'}`);
  return `${pod} ${ok ? 'ready' : 'NOT READY'} (${users.join('; ')})`;
}

function witnessText({ period, witness }: AppNow): string {
  const { writes, reads } = period.witness;
  const gap = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const since = period.phase === null ? 'since its start' : `since ${period.phase}`;
  const failed = writes.failed + reads.failed;
  return `${since} ${writes.sent + reads.sent} sent, ${failed} failed; longest gap ${gap(writes.longestGapMs)} / ${gap(reads.longestGapMs)}; lost ${witness.lost}`;
}

function backupText({ count, latest, destination }: BackupsNow): string {
  return latest === null ? `none in ${destination}` : `${latest} (${count} in ${destination})`;
}

function nextText(phase: PhaseNow, phases: StatusOf['phases'], owner: StatusOf['owner']): string {
  const names = phases.map(({ stack }) => stack);
  if (phase.inProgress !== null) return `npm run evolve -- ${phase.inProgress.phase}`;
  // A hand-over that was made, and whose step was not begun yet.
  if (
    isSeen(owner) &&
    owner !== null &&
    phase.reached !== null &&
    names.indexOf(owner) > names.indexOf(phase.reached)
  )
    return `pulumi preview -s ${owner}, then pulumi up -s ${owner}; or npm run evolve -- ${owner}`;
  const following = names[phase.reached === null ? 0 : names.indexOf(phase.reached) + 1];
  return following === undefined ? 'nothing: the last phase is reached' : `npm run evolve -- ${following}`;
}
