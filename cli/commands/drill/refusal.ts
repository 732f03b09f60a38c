import type { Finding } from '../../lib/cluster/findings.ts';
import { phaseOf } from '../../lib/cluster/phase.ts';
import { type ClusterNow, isSeen } from '../../lib/cluster/types.ts';
import { type CliError, cliError } from '../../lib/errors.ts';
import type { Target } from '../../lib/phase/settings.ts';
import type { Kind } from './kinds.ts';

/** Fewer than this many voting copies, and the loss of a node is an outage, or a loss of data. */
const VOTERS = 3;

/** Why a drill must not be run on this cluster, or null. `target`: the phase that it is at; `phases` in their order. */
export function refusal(
  kind: Kind,
  now: ClusterNow,
  found: readonly Finding[],
  target: Target,
  phases: readonly Target[],
): CliError | null {
  const { nodes, replication } = now;
  if (!isSeen(nodes)) return cliError('EVO-732', { problems: nodes.problem });
  if (!isSeen(replication)) return cliError('EVO-732', { problems: replication.problem });
  const voters = Math.min(replication.voters, replication.fewestVoters);
  const few = nodes.wanted < VOTERS || voters < VOTERS;
  // Asked for, and not there in every range yet: no step helps, but patience.
  const grows = nodes.wanted >= VOTERS && replication.voters >= VOTERS;
  const way = grows
    ? 'npm run check; when every range has its copies, the drill'
    : wayOn(nextStep(now, target, phases));
  if (kind === 'outage' && nodes.wanted > 1)
    return cliError('EVO-737', {
      nodes: String(nodes.wanted),
      next: few ? way : 'npm run drill -- pod-kill',
    });
  if (kind !== 'outage' && few)
    return cliError('EVO-731', {
      kind,
      nodes: `${nodes.wanted} node${nodes.wanted === 1 ? '' : 's'}`,
      voters: `${voters} voting cop${voters === 1 ? 'y' : 'ies'}`,
      next: `${way}${nodes.wanted === 1 ? '. To have this outage on purpose: npm run drill -- outage (for what it does to whom, see demo/DEMO.md)' : ''}`,
    });
  const problems = found
    .filter(({ ok, part }) => !ok && part !== 'backups')
    .map(({ part, detail }) => `${part}: ${detail}`);
  return problems.length === 0 ? null : cliError('EVO-732', { problems: problems.join('; ') });
}

/** The step that `evolve` takes from here: the phase itself while it is not whole. null after the last one. */
function nextStep(now: ClusterNow, target: Target, phases: readonly Target[]): Target | null {
  const at = phases.findIndex(({ stack }) => stack === target.stack);
  const reached = phases.findIndex(({ stack }) => stack === phaseOf(now, phases).reached);
  return (reached < at ? phases[at] : phases[at + 1]) ?? null;
}

function wayOn(step: Target | null): string {
  if (step === null) return 'npm run status; a drill needs a phase of three nodes and three copies';
  const then = step.nodes >= VOTERS && step.replicationFactor >= VOTERS ? ', then the drill' : '';
  return `npm run evolve -- ${step.stack}${then}`;
}
