import type { Command } from 'commander';
import { shown } from '../../../components/database/backup.ts';
import { withCluster } from '../../lib/cluster/inspect.ts';
import { backupPassphrase, chooseTarget } from '../../lib/pulumi/choose.ts';
import { printJson, terminalFor } from '../../ui/output.ts';
import { runCommand } from '../run-command.ts';
import { backupNow } from './backup-now.ts';

interface Flags {
  readonly json?: boolean;
  readonly color: boolean;
}

export function addBackup(program: Command): void {
  program
    .command('backup')
    .description('back up the database now, and have every file of the backup checked')
    .argument('[phase]', 'whose settings say where to; by default the one whose stack owns the cluster')
    .option('--json', 'the backup as JSON')
    .option('--no-color', 'plain text')
    .action((phase: string | undefined, { json, color }: Flags) => {
      const terminal = terminalFor({ color, json });
      const interrupted = {
        state: 'A backup that had begun goes on by itself in the cluster; the data was not touched',
        command: 'npm run status',
      };
      return runCommand({ json, interrupted }, async () => {
        const target = await chooseTarget(phase, 'backup', terminal);
        const passphrase = await backupPassphrase(target, terminal);
        const place = { destination: target.backupDestination, passphrase };
        const destination = shown(place.destination);
        terminal.line(`Backing up the database evolution to ${destination}`);
        const say = (line: string) => terminal.quiet(line);
        const backup = await withCluster(
          target,
          async ({ database, run, app }) => {
            const made = await backupNow(place, database, run);
            // For the audience; a backup without its mark is as good.
            await app()
              .then((found) => found?.mark('backup', `backup ${made.path}`))
              .catch(() => {});
            return made;
          },
          say,
        );
        const { path, endTime, tables, rows, bytes, seconds } = backup;
        if (json) {
          printJson({ destination, encrypted: passphrase !== undefined, ...backup });
          return 0;
        }
        terminal.good(`Backup ${path} is complete, and the database found every file of it.`);
        terminal.line(`  shows     ${endTime}`);
        terminal.line(`  holds     ${rows} rows of ${tables.length} tables, ${(bytes / 1e6).toFixed(1)} MB`);
        terminal.line(`  encrypted ${passphrase === undefined ? 'no' : 'yes'}`);
        terminal.line(`  took      ${seconds} s`);
        terminal.line('Whether it can be restored: npm run restore-check');
        return 0;
      });
    });
}
