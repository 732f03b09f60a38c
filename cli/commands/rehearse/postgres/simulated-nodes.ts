import type { TopologyNode } from '../../../../components/database/topology.ts';
import type { PhaseName } from '../stage/beat.ts';

/** How long a simulated node joins, and how long its copies take then. Milliseconds; on a cluster both depend on the data. */
const JOINS_MS = 4000;
const FILLS_MS = 8000;
/** Of the simulated cluster: a dot each. */
const RANGES = 6;

/**
 * The nodes that a cluster would have so long after a phase began. A single PostgreSQL has none to add: what the page draws of these stands
 * apart from it, and is called simulated.
 */
export function simulatedNodes(phase: PhaseName, sinceMs: number): TopologyNode[] {
  const joined = sinceMs >= JOINS_MS;
  const share = Math.min(1, Math.max(0, (sinceMs - JOINS_MS) / FILLS_MS));
  const copies = Math.floor(RANGES * share);
  const node = (name: string, counts: Partial<TopologyNode>): TopologyNode => ({
    name,
    state: 'live',
    voters: 0,
    nonVoters: 0,
    leases: 0,
    ...counts,
  });
  const all = { voters: RANGES, leases: RANGES };
  const joining = joined ? {} : ({ state: 'joining' } as const);
  if (phase === 'phase0') return [node('n1', all)];
  if (phase === 'phase1') return [node('n1', all), node('n2', { nonVoters: copies, ...joining })];
  // The copy that followed is promoted, a third is made, and then the leases spread.
  const leases = share === 1 ? RANGES / 3 : 0;
  return [
    node('n1', { voters: RANGES, leases: RANGES - 2 * leases }),
    node('n2', { voters: copies, nonVoters: RANGES - copies, leases }),
    node('n3', { voters: copies, leases, ...joining }),
  ];
}
