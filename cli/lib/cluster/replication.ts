import { rangesOff } from '../../../components/database/settle.ts';
import { lengthOfArray, type Node, type Row } from '../../../components/database/sql.ts';
import { remainingStatements } from '../../../components/database/zones.ts';
import type { ReplicationNow } from './types.ts';

/** The statements that replication is read with. */
export const REPLICATION = {
  zones: 'SHOW ALL ZONE CONFIGURATIONS',
  ranges: 'SHOW CLUSTER RANGES',
} as const;

/** How many ranges have not the copies that the zones ask for, now: those that have other ones, or those that the nodes report. */
export function rangesUnsettled({ off, underReplicated, unavailable }: ReplicationNow): number {
  return Math.max(off, underReplicated, unavailable);
}

/** What the zones, the ranges and the nodes' metrics say together. Throws when a zone cannot be read. */
export function replicationOf(
  zones: readonly Row[],
  ranges: readonly Row[],
  nodes: readonly Node[],
): ReplicationNow {
  const copies = copiesOfZone(zones.find(({ target }) => target === 'RANGE default')?.raw_config_sql ?? '');
  // Each range is reported by one node.
  const sum = (metric: string) => nodes.reduce((total, { metrics }) => total + (metrics[metric] ?? 0), 0);
  return {
    ...copies,
    ranges: ranges.length,
    off: rangesOff(ranges, copies),
    underReplicated: sum('ranges_underreplicated'),
    overReplicated: sum('ranges_overreplicated'),
    unavailable: sum('ranges_unavailable'),
    stuck: sum('queue_replicate_purgatory'),
    otherZones: remainingStatements(zones, copies),
    fewestVoters: Math.min(...ranges.map((row) => lengthOfArray(row.voting_replicas))),
  };
}

function copiesOfZone(sql: string): { replicas: number; voters: number } {
  const field = (name: string) => new RegExp(`\\b${name} = (\\d+)`).exec(sql)?.[1];
  const replicas = field('num_replicas');
  if (replicas === undefined)
    throw new Error(`the zone configuration of RANGE default names no num_replicas: ${sql}`);
  // Without voters of its own, every copy votes.
  return { replicas: Number(replicas), voters: Number(field('num_voters') ?? replicas) };
}
