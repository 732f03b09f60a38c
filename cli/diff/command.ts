import { type Command, CommanderError } from 'commander';
import picocolors from 'picocolors';
import { evaluateAll, ProgramError } from '../program/evaluate.ts';
import { UnknownStack } from '../program/settings.ts';
import { compare, type Difference } from './compare.ts';
import { differenceLines } from './show.ts';

interface Flags {
  readonly json?: boolean;
  readonly color: boolean;
}

export function addDiff(program: Command): void {
  program
    .command('diff')
    .description('what `pulumi preview --diff` would say between two stacks, without cluster, CLI or network')
    .argument('<from>', 'stack that the cluster is at, e.g. phase0')
    .argument('<to>', 'stack that it goes to, e.g. phase1')
    .option('--json', 'the whole difference as JSON')
    .option('--no-color', 'plain text')
    // Bad usage ends with 2, as in diff(1).
    .exitOverride((error) => {
      throw new CommanderError(error.exitCode === 0 ? 0 : 2, error.code, error.message);
    })
    .action(async (from: string, to: string, flags: Flags) => {
      process.exitCode = await diff(from, to, flags);
    });
}

/** The difference between two stacks of the program. Throws UnknownStack and ProgramError. */
export async function difference(from: string, to: string): Promise<Difference> {
  const [before, after] = await evaluateAll([{ stack: from }, { stack: to }]);
  if (before === undefined || after === undefined) throw new Error('fewer evaluations than stacks');
  return compare(before, after);
}

async function diff(from: string, to: string, { json = false, color }: Flags): Promise<number> {
  try {
    const found = await difference(from, to);
    if (json) {
      console.log(JSON.stringify(found, null, 2));
      return 0;
    }
    console.log(`${from} -> ${to}: what \`pulumi up -s ${to}\` changes after the hand-over from ${from}`);
    const style = { color: color && picocolors.isColorSupported };
    for (const line of differenceLines(found, style)) console.log(line);
    return 0;
  } catch (error) {
    if (!(error instanceof UnknownStack || error instanceof ProgramError)) throw error;
    console.error(error.message);
    return error instanceof UnknownStack ? 2 : 1;
  }
}
