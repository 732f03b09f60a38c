import { compare } from '../../../lib/compare/compare.ts';
import { compactLines, summary } from '../../../lib/compare/show.ts';
import { cliError } from '../../../lib/errors.ts';
import { evaluateAll, ProgramError } from '../../../lib/program/evaluate.ts';

/** What a phase changes in the cluster, in a line for each change, by the phase that it leads to. */
export type Infrastructure = Readonly<Record<string, readonly string[]>>;

const PHASES = ['phase0', 'phase1', 'phase2'];

/** Evaluates the real program for every phase. Throws a ProgramError when the program refuses its settings, and a CliError when it is broken. */
export async function computeInfrastructure(signal: AbortSignal): Promise<Infrastructure> {
  const stacks = PHASES.map((stack) => ({ stack }));
  const evaluations = await evaluateAll(stacks, { signal }).catch((error) => {
    // What the program refuses itself has its own code: cli/commands/run-command.ts.
    if (!(error instanceof ProgramError) || error.expected) throw error;
    throw cliError('EVO-946', { problem: error.message });
  });
  const steps = evaluations.slice(1).map((after, i) => {
    const difference = compare(evaluations[i] ?? after, after);
    return [after.stack, [...compactLines(difference), summary(difference)]] as const;
  });
  return Object.fromEntries(steps);
}
