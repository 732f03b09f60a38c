import type { Command } from 'commander';
import { withCluster, withClusterForCleanup } from '../../lib/cluster/inspect.ts';
import { cliError } from '../../lib/errors.ts';
import { sqlByHand } from '../../lib/phase/settings.ts';
import { backupPassphrase, chooseTarget } from '../../lib/pulumi/choose.ts';
import { printJson, terminalFor } from '../../ui/output.ts';
import type { Terminal } from '../../ui/terminal.ts';
import { runCommand } from '../run-command.ts';
import type { TableCheck } from './compare.ts';
import { type RestoreCheck, restoreCheck } from './restore-check.ts';

interface Flags {
  readonly path?: string;
  readonly keep?: boolean;
  readonly json?: boolean;
  readonly color: boolean;
}

export function addRestoreCheck(program: Command): void {
  program
    .command('restore-check')
    .description(
      'restore the newest backup into a database of another name, compare, and remove that database',
    )
    .argument(
      '[phase]',
      'whose settings say where backups are; by default the one whose stack owns the cluster',
    )
    .option('--path <path>', 'another backup of the collection than the newest')
    .option('--keep', 'leave the restored database where it is')
    .option('--json', 'what was compared as JSON')
    .option('--no-color', 'plain text')
    .action((phase: string | undefined, { path, keep, json, color }: Flags) => {
      const terminal = terminalFor({ color, json });
      const interrupted = {
        state: 'What it had restored was removed again; the data and the backups were not touched',
        command: 'npm run restore-check',
      };
      return runCommand({ json, interrupted }, async () => {
        const target = await chooseTarget(phase, 'restore-check', terminal);
        const passphrase = await backupPassphrase(target, terminal);
        const place = { destination: target.backupDestination, passphrase };
        const say = (line: string) => terminal.quiet(line);
        const byHand = (statement: string) => sqlByHand(target, statement);
        const result = await withCluster(
          target,
          ({ database, run }) => {
            const tidy = <T>(work: (sql: typeof database, cleanupRun: typeof run) => Promise<T>) =>
              withClusterForCleanup(target, (clients) => work(clients.database, clients.run), say);
            return restoreCheck(place, { path, keep }, database, run, tidy, byHand);
          },
          say,
        );
        if (json) printJson(result);
        else show(terminal, result);
        if (result.ok) return 0;
        // The JSON says it all, and is all that is written.
        if (json) return 1;
        throw cliError('EVO-725', { path: result.path, problems: problems(result).join('; ') });
      });
    });
}

function show(
  terminal: Terminal,
  { tables, reason, path, moment, database, removed, seconds, ok }: RestoreCheck,
): void {
  const heading = ['table', 'rows in backup', 'rows restored', 'content'];
  const cells = ({ table, rowsInBackup, rowsRestored, content }: TableCheck) => [
    table,
    String(rowsInBackup),
    rowsRestored === null ? 'missing' : String(rowsRestored),
    content,
  ];
  terminal.table([heading, ...tables.map(cells)]);
  if (reason !== null)
    terminal.warning(
      `Not all contents were compared with the live tables: ${reason}. The restore has read every file and verified its checksums, and the rows were counted.`,
    );
  if (!removed) terminal.warning(`The database ${database} was kept, as asked.`);
  if (ok)
    terminal.good(
      `The backup ${path} (${moment} UTC) can be restored: ${tables.length} tables, ${seconds} s.`,
    );
}

function problems({ tables, unexpected }: RestoreCheck): string[] {
  return [
    ...tables.flatMap(({ table, rowsInBackup, rowsRestored, content }) => {
      if (rowsRestored === null) return [`${table} is missing`];
      if (rowsRestored !== rowsInBackup)
        return [`${table} has ${rowsRestored} rows instead of ${rowsInBackup}`];
      return content === 'different' ? [`${table} has other contents`] : [];
    }),
    ...unexpected.map((table) => `${table} is there too`),
    ...(tables.length === 0 ? ['it holds no table'] : []),
  ];
}
