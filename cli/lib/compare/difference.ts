import { diskRefusals, type GuardInputs, refusals } from '../../../components/steps/refusals.ts';
import { evaluateAll } from '../program/evaluate.ts';
import type { Evaluation } from '../program/resources.ts';
import { compare, type Difference } from './compare.ts';

/** The difference between two stacks of the program. Throws UnknownStack and ProgramError. */
export async function difference(from: string, to: string): Promise<Difference> {
  return (await compareStacks(from, to)).found;
}

export interface Comparison {
  readonly found: Difference;
  /** Why the Guard refuses the change from the first stack to the second; empty when it does not. */
  readonly refused: readonly string[];
}

/** The difference, and whether the Guard refuses it. Throws UnknownStack and ProgramError. */
export async function compareStacks(from: string, to: string): Promise<Comparison> {
  const [before, after] = await evaluateAll([{ stack: from }, { stack: to }]);
  if (before === undefined || after === undefined) throw new Error('fewer evaluations than stacks');
  return { found: compare(before, after), refused: refusedByGuard(before, after) };
}

function refusedByGuard(before: Evaluation, after: Evaluation): string[] {
  const [olds, news] = [before, after].map(
    ({ resources }) => resources.find(({ name }) => name === 'guard')?.inputs as unknown as GuardInputs,
  );
  if (olds === undefined || news === undefined) return [];
  return [...refusals(olds, news).map(({ reason }) => reason), ...diskRefusals(olds, news)];
}
