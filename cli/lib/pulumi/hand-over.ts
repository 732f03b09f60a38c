import { cliError } from '../errors.ts';
import { owners } from './ownership.ts';
import { heldByAnother, type Pulumi, problemOf } from './run.ts';
import { listStacks, makeStack } from './stacks.ts';
import { movable, ROOT, type StackState } from './state.ts';

/** One `pulumi state move`. */
export interface Move {
  readonly from: string;
  readonly to: string;
  /** What is named: the stack's own URN, which stands for all that is in it, and what has no parent there. */
  readonly urns: readonly string[];
  /** How many resources that moves. */
  readonly count: number;
}

/** What must move so that the stack owns everything. Empty when it does, or when nobody owns anything. */
export function movesTo(states: readonly StackState[], to: string): Move[] {
  return owners(states)
    .filter(({ stack }) => stack !== to)
    .map((state) => ({ from: state.stack, to, urns: named(state), count: movable(state).length }));
}

/** A move takes the children along, so the root is enough for all that descend from it. */
function named(state: StackState): string[] {
  const root = state.resources.find(({ type }) => type === ROOT)?.urn;
  const parents = new Map(state.resources.map(({ urn, parent }) => [urn, parent]));
  const descends = (urn: string | undefined): boolean =>
    urn !== undefined && (urn === root || descends(parents.get(urn)));
  const all = movable(state).map(({ urn }) => urn);
  const orphans = all.filter((urn) => !descends(urn));
  return root === undefined || orphans.length === all.length ? all : [root, ...orphans];
}

/** Hands every resource to the stack, which is made if it is not there. The cluster is not touched. */
export async function handOver(pulumi: Pulumi, states: readonly StackState[], to: string): Promise<void> {
  if (!(await listStacks(pulumi)).includes(to)) await makeStack(pulumi, to);
  for (const { from, urns } of movesTo(states, to)) {
    const args = ['state', 'move', '--source', from, '--dest', to, ...urns, '--yes'];
    const result = await pulumi.run(args);
    if (result.code !== 0)
      throw (
        heldByAnother(result) ??
        cliError('EVO-401', { from, to, problem: problemOf(result), command: `npm run handover -- ${to}` })
      );
  }
}
