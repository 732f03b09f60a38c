import type { Command } from 'commander';
import { terminalFor } from '../../ui/output.ts';
import { runCommand } from '../run-command.ts';
import { teardown } from './teardown.ts';

interface Flags {
  readonly name?: string;
  readonly withoutBackups?: boolean;
  readonly color: boolean;
}

export function addTeardown(program: Command): void {
  program
    .command('teardown')
    .description(
      'optional: deletes the cluster and all around it, once you have typed its name; keeps the backups',
    )
    .option('--name <name>', 'the name of the cluster, typed beforehand, e.g. crdb/crdb')
    .option('--without-backups', 'let the backups go that lie on the disks of the database (nodelocal)')
    .option('--no-color', 'plain text')
    .action(async ({ name, withoutBackups = false, color }: Flags) => {
      const terminal = terminalFor({ color });
      const interrupted = { state: 'Nothing was changed', command: 'npm run teardown' };
      await runCommand({ interrupted }, async () => {
        await teardown({ name, withoutBackups, out: process.stdout }, terminal);
        return 0;
      });
    });
}
