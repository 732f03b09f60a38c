import { type Backup, type BackupPlace, hasTables, takeBackup } from '../../../components/database/backup.ts';
import type { Sql } from '../../../components/database/sql.ts';
import type { Run } from '../../../components/database/waiting.ts';
import { cliError } from '../../lib/errors.ts';

/** A backup of now, with its files checked by the database. Throws EVO-711 and EVO-712. */
export async function backupNow(
  place: BackupPlace,
  sql: Sql,
  run: Run,
): Promise<Backup & { readonly seconds: number }> {
  if (!(await hasTables(sql))) throw cliError('EVO-711', {});
  const start = Date.now();
  try {
    const backup = await takeBackup(place, sql, run);
    return { ...backup, seconds: Math.round((Date.now() - start) / 100) / 10 };
  } catch (error) {
    run.signal.throwIfAborted();
    throw cliError('EVO-712', {
      problem: (error as Error).message,
      next: 'Fix what it says above; another place: npx pulumi config set backupDestination <nodelocal://, s3:// or gs:// address>; then npm run backup',
    });
  }
}
