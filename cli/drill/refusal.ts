import type { Finding } from '../check/findings.ts';
import { type ClusterNow, isSeen } from '../cluster/types.ts';
import { type Fault, fault } from '../errors.ts';
import type { Kind } from './kinds.ts';

/** Fewer than this many voting copies, and the loss of a node is an outage, or a loss of data. */
const VOTERS = 3;

/** Why a drill must not be run on this cluster, or null. */
export function refusal(kind: Kind, now: ClusterNow, found: readonly Finding[]): Fault | null {
  const { nodes, replication } = now;
  if (!isSeen(nodes)) return fault('EVO-732', { problems: nodes.problem });
  if (!isSeen(replication)) return fault('EVO-732', { problems: replication.problem });
  const voters = Math.min(replication.voters, replication.fewestVoters);
  if (nodes.wanted < VOTERS || voters < VOTERS)
    return fault('EVO-731', {
      kind,
      nodes: `${nodes.wanted} node${nodes.wanted === 1 ? '' : 's'}`,
      voters: `${voters} voting cop${voters === 1 ? 'y' : 'ies'}`,
    });
  const problems = found
    .filter(({ ok, part }) => !ok && part !== 'backups')
    .map(({ part, detail }) => `${part}: ${detail}`);
  return problems.length === 0 ? null : fault('EVO-732', { problems: problems.join('; ') });
}
