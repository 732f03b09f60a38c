import type { BackupPlace } from '../../../components/database/backup.ts';
import type { Query } from '../../../components/database/sql.ts';
import { DATABASE } from '../../../components/names.ts';

/**
 * What a restore check sends, beside what components/database/backup.ts does. Names are CockroachDB's own or made here, and quoted;
 * values are bound.
 */

/** What the databases that a check makes are called, and how they are recognised. */
export const COPY_PREFIX = 'restore_check_';

/** e.g. `restore_check_20260612101112`: of its own, so that it is nobody else's. */
export function copyName(now: Date): string {
  return `${COPY_PREFIX}${now.toISOString().replace(/\D/g, '').slice(0, 14)}`;
}

/**
 * Seconds for a statement that reads a whole table: enough for some hundreds of GB. At 20 MB/s, which is slow, 300 GB take a little more
 * than four hours.
 */
const READ_SECONDS = 6 * 3600;

export const databases: Query = { text: 'SHOW DATABASES' };

/** Detached: the job continues when this connection breaks, and is looked up by its number. */
export function restore({ destination, passphrase }: BackupPlace, path: string, name: string): Query {
  const text = `RESTORE DATABASE ${DATABASE} FROM $1 IN $2 WITH new_db_name = '${name}', detached`;
  return passphrase
    ? { text: `${text}, encryption_passphrase = $3`, values: [path, destination, passphrase] }
    : { text, values: [path, destination] };
}

export const job = (id: string): Query => ({ text: `SHOW JOB ${id}` });
export const cancelJob = (id: string): Query => ({ text: `CANCEL JOB ${id}` });

export const tables = (database: string): Query => ({ text: `SHOW TABLES FROM ${quoted(database)}` });

export function count(database: string, table: string): Query {
  return {
    text: `SELECT count(*) AS count FROM ${tableName(database, table)}`,
    seconds: READ_SECONDS,
  };
}

/**
 * A fingerprint of each index, over all its rows, at a moment. The published grammar and documentation leave the statement out;
 * CockroachDB's own backup tests compare restored tables by it, in this form (roachtest `backup-restore/mixed-version`).
 */
export function fingerprints(database: string, table: string, moment: string | null): Query {
  const at = moment === null ? '' : ` AS OF SYSTEM TIME '${moment.replaceAll("'", "''")}'`;
  const show = `SHOW EXPERIMENTAL_FINGERPRINTS FROM TABLE ${tableName(database, table)}`;
  return { text: `SELECT index_name, fingerprint FROM [${show}]${at}`, seconds: READ_SECONDS };
}

/** Only for a database that a restore of this very process made. */
export const dropCopy = (name: string): Query => ({ text: `DROP DATABASE ${quoted(name)} CASCADE` });

function tableName(database: string, table: string): string {
  return `${quoted(database)}.public.${quoted(table)}`;
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
