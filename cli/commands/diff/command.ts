import { type Command, CommanderError } from 'commander';
import picocolors from 'picocolors';
import { compareStacks } from '../../lib/compare/difference.ts';
import { differenceLines } from '../../lib/compare/show.ts';
import { printJson } from '../../ui/output.ts';
import { runCommand } from '../run-command.ts';

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
    .action((from: string, to: string, flags: Flags) => {
      const interrupted = {
        state: 'Nothing was changed: this only reads',
        command: 'npm run diff -- phase0 phase1',
      };
      return runCommand({ json: flags.json, interrupted }, () => diff(from, to, flags));
    });
}

async function diff(from: string, to: string, { json = false, color }: Flags): Promise<number> {
  const { found, refused } = await compareStacks(from, to);
  if (json) {
    printJson({ ...found, refused });
    return 0;
  }
  console.log(`${from} -> ${to}: what \`pulumi up -s ${to}\` changes after the hand-over from ${from}`);
  const style = { color: color && picocolors.isColorSupported };
  for (const line of differenceLines(found, style)) console.log(line);
  if (refused.length > 0) console.log('\nThe Guard refuses this in the preview:');
  for (const reason of refused) console.log(`  - ${reason}`);
  return 0;
}
