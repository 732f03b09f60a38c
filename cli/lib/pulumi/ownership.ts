import type { Target } from '../phase/settings.ts';
import { find, keyOf, movable, nameOf, numberOf, type StackState } from './state.ts';

/** How far the cluster was asked to go, by the state: what the Guard let pass last. */
export interface Position {
  readonly nodes: number;
  readonly replicationFactor: number;
}

/** The stacks that hold resources, those with most of them first. */
export function owners(states: readonly StackState[]): StackState[] {
  return states
    .filter((state) => movable(state).length > 0)
    .sort((a, b) => movable(b).length - movable(a).length);
}

/** null when there is no Guard yet: a fresh start that was killed early, or nothing at all. */
export function positionOf(states: readonly StackState[]): Position | null {
  const guard = find(states, 'Guard');
  const nodes = numberOf(guard, 'nodes');
  const replicationFactor = numberOf(guard, 'replicationFactor');
  return nodes === undefined || replicationFactor === undefined ? null : { nodes, replicationFactor };
}

/** The last phase that the position has reached; its index, or -1. */
export function phaseAt(
  phases: readonly Pick<Target, 'nodes' | 'replicationFactor'>[],
  position: Position,
): number {
  return phases.findLastIndex(
    ({ nodes, replicationFactor }) =>
      nodes <= position.nodes && replicationFactor <= position.replicationFactor,
  );
}

/** What the program makes last, whatever the settings; and the load, if they ask for it. */
const LAST = { 'app-deployment': 'the app', 'load-run': 'the load generator' } as const;

/** Why the step to the position is not at its end, by the state. A resource is there when its own work is done. */
export function unfinished(
  states: readonly StackState[],
  { loadEnabled }: Pick<Target, 'loadEnabled'>,
): string[] {
  const position = positionOf(states);
  const problems = states.flatMap(({ stack, pending, resources }) =>
    pending
      .filter(({ resource, type }) => type !== 'creating' || !resources.some((r) => r.urn === resource.urn))
      .map(({ type, resource }) => `${nameOf(resource.urn)} was interrupted while ${type} (${stack})`),
  );
  if (position === null) return [...problems, 'the first up was interrupted before it made anything'];
  const { nodes, replicationFactor } = position;
  if (numberOf(find(states, 'NodesLive'), 'nodes') !== nodes)
    problems.push(`${nodes} live nodes were not reached yet`);
  if (numberOf(find(states, 'Replication'), 'replicationFactor') !== replicationFactor)
    problems.push(`replication factor ${replicationFactor} was not reached yet`);
  const all = states.flatMap(({ resources }) => resources);
  // An update that failed, unlike one that was killed, leaves nothing pending.
  for (const [name, what] of Object.entries(LAST))
    if ((loadEnabled || name !== 'load-run') && !all.some(({ urn }) => nameOf(urn) === name))
      problems.push(`${what} was not made yet`);
  for (const { urn, initErrors = [] } of all)
    if (initErrors.length > 0) problems.push(`${nameOf(urn)} was made, and did not get ready`);
  return problems;
}

/** A resource that two stacks hold: what a `state move` leaves behind that was killed between its two writes. */
export interface Duplicates {
  /** The stack whose copies stay, and the one that they are taken out of. */
  readonly keep: string;
  readonly drop: string;
  /** As `drop` calls them. */
  readonly urns: readonly string[];
}

/**
 * The copies to take out. Of two stacks, the one that holds more keeps what both hold: the other one is what a hand-over was to empty, or
 * a second fresh start that did not get far. If they hold as many, the one in which something changed last does; if both are the same,
 * the one that is wanted, or the later one.
 */
export function duplicates(states: readonly StackState[], wanted: string): Duplicates[] {
  const found: Duplicates[] = [];
  for (const [index, first] of states.entries())
    for (const second of states.slice(index + 1)) {
      const of = (state: StackState, other: StackState) => {
        const keys = new Set(movable(other).map(({ urn }) => keyOf(urn)));
        return movable(state).filter(({ urn }) => keys.has(keyOf(urn)));
      };
      const [mine, theirs] = [of(first, second), of(second, first)];
      if (mine.length === 0) continue;
      const newest = (list: typeof mine) =>
        list.reduce((max, { modified = '' }) => (modified > max ? modified : max), '');
      const [a, b] = [newest(mine), newest(theirs)];
      const more = movable(first).length - movable(second).length;
      const keepFirst = more !== 0 ? more > 0 : a === b ? wanted === first.stack : a > b;
      found.push(
        keepFirst
          ? { keep: first.stack, drop: second.stack, urns: theirs.map(({ urn }) => urn) }
          : { keep: second.stack, drop: first.stack, urns: mine.map(({ urn }) => urn) },
      );
    }
  return found;
}
