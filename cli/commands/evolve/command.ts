import type { Command } from 'commander';
import { printJson, progressTerminalFor } from '../../ui/output.ts';
import { runCommand } from '../run-command.ts';
import { evolve } from './evolve.ts';

interface Flags {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly skip?: boolean;
  readonly verbose?: boolean;
  readonly json?: boolean;
  readonly color: boolean;
}

export function addEvolve(program: Command): void {
  program
    .command('evolve')
    .description(
      'one step of the evolution: check, hand over, preview, confirm, up, and what the witness saw',
    )
    .argument('<phase>', 'where to go, e.g. phase1')
    .option('--dry-run', 'end after the preview; the stacks and the cluster stay as they are')
    .option('--yes', 'go on after the preview without asking')
    .option('--skip', 'leave out the phases between')
    .option('--verbose', 'show the whole preview, and not only what it comes to')
    .option('--json', 'the outcome as JSON on stdout; all else on stderr')
    .option('--no-color', 'plain text')
    .action(async (target: string, flags: Flags) => {
      const { dryRun = false, yes = false, skip = false, verbose = false, json = false, color } = flags;
      const { out, colored, terminal } = progressTerminalFor({ color, json });
      const command = `npm run evolve -- ${target}`;
      await runCommand({ json, interrupted: { state: 'Nothing was changed', command } }, async () => {
        const options = { target, skip, dryRun, yes, verbose, color: colored, out };
        const evolved = await evolve(options, terminal);
        if (json) printJson(evolved);
        return 0;
      });
    });
}
