import type { Command } from 'commander';
import { terminalFor } from '../../ui/output.ts';
import { runCommand } from '../run-command.ts';
import { handover, interruptedHandover } from './handover.ts';

interface Flags {
  readonly skip?: boolean;
  readonly color: boolean;
}

export function addHandover(program: Command): void {
  program
    .command('handover')
    .description(
      'only the check and the hand-over, for those who then type `pulumi preview` and `pulumi up` themselves',
    )
    .argument('<phase>', 'the stack that is to own the cluster, e.g. phase1')
    .option('--skip', 'leave out the phases between')
    .option('--no-color', 'plain text')
    .action(async (target: string, { skip = false, color }: Flags) => {
      const terminal = terminalFor({ color });
      const interrupted = interruptedHandover(target);
      await runCommand({ interrupted }, async () => {
        await handover(target, skip, terminal);
        return 0;
      });
    });
}
