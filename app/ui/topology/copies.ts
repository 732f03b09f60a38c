import type { Topology, TopologyNode } from '../../src/contract.ts';

/** Observers look every two seconds. */
const FRESH_MS = 10_000;
/** Prometheus scrapes every 15 s by default: one scrape may fail. */
const FRESH_FROM_PROMETHEUS_MS = 35_000;

/** Whether what was seen is still worth a claim. `now`: by the clock of the app. */
export function isFresh(topology: Topology, now: number): boolean {
  return now - topology.at <= (topology.source === 'prometheus' ? FRESH_FROM_PROMETHEUS_MS : FRESH_MS);
}

export interface Copies {
  readonly voters: number;
  readonly nonVoters: number;
  /** Copies of which it is unknown whether they vote. */
  readonly others: number;
}

/** How many copies there are of a range, rounded: while copies are made, not all ranges have the same number. */
export function copiesOf({ nodes, ranges }: Topology): Copies {
  const sum = (count: (node: TopologyNode) => number) => nodes.reduce((all, node) => all + count(node), 0);
  // A node holds at most one copy of a range, so without a count of ranges the fullest node comes closest.
  const total = ranges?.total || Math.max(...nodes.map(heldBy));
  const perRange = (copies: number) => (total === 0 ? 0 : Math.round(copies / total));
  return {
    voters: perRange(sum((node) => node.voters)),
    nonVoters: perRange(sum((node) => node.nonVoters)),
    others: perRange(sum((node) => node.otherCopies ?? 0)),
  };
}

export function heldBy({ voters, nonVoters, otherCopies = 0 }: TopologyNode): number {
  return voters + nonVoters + otherCopies;
}

/** A copy that votes and answers for its range, one that votes, one that follows, and one that may do either. */
export type Dot = 'lease' | 'voter' | 'follower' | 'copy';

const MOST_DOTS = 16;
const UNITS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

/** Number of copies that one dot stands for, so that the dots of a node can be distinguished from the last row. */
export function dotUnit(nodes: readonly TopologyNode[]): number {
  const most = Math.max(1, ...nodes.map(heldBy));
  return UNITS.find((unit) => Math.ceil(most / unit) <= MOST_DOTS) ?? Math.ceil(most / MOST_DOTS);
}

/** The dots of a node, from the middle outwards. What there is at all has a dot, however large the unit. */
export function dotsOf(node: TopologyNode, unit: number): Dot[] {
  const dots = (count: number) => (count === 0 ? 0 : Math.max(1, Math.round(count / unit)));
  const others = dots(node.otherCopies ?? 0);
  const voters = dots(node.voters);
  const leases = Math.min(dots(node.leases), voters + others);
  const leading = Math.min(leases, voters);
  return [
    ...Array<Dot>(leases).fill('lease'),
    ...Array<Dot>(voters - leading).fill('voter'),
    ...Array<Dot>(others - (leases - leading)).fill('copy'),
    ...Array<Dot>(dots(node.nonVoters)).fill('follower'),
  ];
}
