import { DATABASE } from '../names.ts';
import type { Query, Sql } from './sql.ts';
import { type Look, type Run, sleep, stop, waitFor } from './waiting.ts';

/** What is backed up, and where to. */
export interface BackupPlace {
  /** Name of the database. @default 'evolution' */
  readonly database?: string | undefined;
  /** Address of the collection, e.g. `nodelocal://1/backups`. */
  readonly destination: string;
  /** Encrypts the backups. @default none: they are not encrypted */
  readonly passphrase?: string | undefined;
}

/** A verified backup of a database. */
export interface Backup {
  /** Within the collection, e.g. `/2026/06/12-101112.00`. */
  readonly path: string;
  /** Time of the data in the backup, in ISO 8601 (UTC). */
  readonly endTime: string;
  readonly tables: readonly string[];
  readonly rows: number;
  readonly bytes: number;
  /** Whether `check_files` found every file of it. */
  readonly verified: boolean;
}

/** Seconds: enough for some hundreds of GB. */
const BACKUP_SECONDS = 6 * 3600;
const CHECK_SECONDS = 3600;
/** A backup shows the database as of 10 s ago, so that it does not collide with running transactions. A younger database must wait. */
const YOUNG_SECONDS = 20;

/** The address without its parameters, which may hold keys. */
export const shown = (destination: string) => destination.replace(/\?.*$/s, '?...');

/**
 * Backs up a database, and not the cluster: a restored cluster would bring back its zones, and so its replication factor.
 * Returns when the backup is complete and its files were checked. Throws with the database's reason.
 */
export async function takeBackup(place: BackupPlace, sql: Sql, run: Run): Promise<Backup> {
  const before = await listBackups(place, sql).catch(() => [] as string[]);
  const job = await startBackup(place, sql, run);
  const look = async (): Promise<Look<true>> => {
    const [row = {}] = await sql.query({ text: `SHOW JOB ${job}` });
    const { status, fraction_completed: fraction, error } = row;
    if (status === 'succeeded') return { done: true };
    if (status === 'failed' || status === 'canceled' || status === 'paused')
      throw stop(
        `The backup to ${shown(place.destination)} ${status} (job ${job}): ${error || 'no reason given'}`,
      );
    return {
      waiting: `job ${job} is ${status ?? 'not listed'}, ${Math.round(Number(fraction ?? 0) * 100)} %`,
    };
  };
  const next = `Look at: SHOW JOB ${job}; the backup continues by itself.`;
  await waitFor(look, { what: 'backup', seconds: BACKUP_SECONDS, every: 1, next }, run);
  const path = (await listBackups(place, sql)).filter((made) => !before.includes(made)).at(-1);
  if (path === undefined)
    throw new Error(`The backup succeeded (job ${job}), but ${shown(place.destination)} does not list it`);
  return verifyBackup(place, path, sql);
}

/**
 * Paths of the collection's full backups, oldest first. A collection without a backup is listed as empty on every kind of storage, even if
 * its folder does not exist yet (CockroachDB's pkg/blobs/local_storage.go, `List`). So every error means that the storage cannot be used,
 * including one that says that something does not exist: a bucket, a host, a node.
 */
export async function listBackups({ destination }: BackupPlace, sql: Sql): Promise<string[]> {
  const rows = await sql.query({ text: 'SHOW BACKUPS IN $1', values: [destination] });
  return rows.flatMap(({ path }) => path ?? []).sort();
}

/** Reads the contents of a backup, and lets the database check each of its files. Throws when one is missing, or the passphrase is wrong. */
export async function verifyBackup(place: BackupPlace, path: string, sql: Sql): Promise<Backup> {
  const { database = DATABASE } = place;
  const rows = await sql.query(showBackup(place, path)).catch((error) => {
    throw new Error(`The backup ${path} in ${shown(place.destination)} cannot be verified: ${error.message}`);
  });
  const tables = rows.filter((row) => row.object_type === 'table' && row.database_name === database);
  if (tables.length === 0) throw new Error(`The backup ${path} holds no table of the database ${database}`);
  const total = (column: string) => tables.reduce((sum, row) => sum + Number(row[column] ?? 0), 0);
  return {
    path,
    endTime: isoTime(tables[0]?.end_time ?? ''),
    tables: tables.map((row) => row.object_name ?? '').sort(),
    rows: total('rows'),
    bytes: total('size_bytes'),
    verified: true,
  };
}

/** The passphrase is bound like every other value, and so never part of a statement's text. */
export function showBackup({ destination, passphrase }: BackupPlace, path: string): Query {
  const text = 'SHOW BACKUP FROM $1 IN $2 WITH check_files';
  return passphrase
    ? {
        text: `${text}, encryption_passphrase = $3`,
        values: [path, destination, passphrase],
        seconds: CHECK_SECONDS,
      }
    : { text, values: [path, destination], seconds: CHECK_SECONDS };
}

function backup({ database = DATABASE, destination, passphrase }: BackupPlace): Query {
  // Detached: the job continues when this connection breaks, and is looked up by its number.
  const text = `BACKUP DATABASE ${database} INTO $1 AS OF SYSTEM TIME '-10s' WITH detached`;
  return passphrase
    ? { text: `${text}, encryption_passphrase = $2`, values: [destination, passphrase] }
    : { text, values: [destination] };
}

/** Returns the job's number. */
async function startBackup(place: BackupPlace, sql: Sql, run: Run): Promise<string> {
  const start = Date.now();
  for (;;) {
    try {
      const [row] = await sql.query(backup(place));
      if (!/^\d+$/.test(row?.job_id ?? ''))
        throw new Error(`the answer names no job: ${JSON.stringify(row)}`);
      return row?.job_id as string;
    } catch (error) {
      const { code, message } = error as { code?: unknown; message: string };
      // 3D000, 42P01: ten seconds ago, there was no such database, or no table in it.
      const young = code === '3D000' || code === '42P01' || /does not exist|did not exist/.test(message);
      if (!young || Date.now() - start > YOUNG_SECONDS * 1000)
        throw new Error(`The backup to ${shown(place.destination)} did not start: ${message}`);
      run.say(
        `The database ${place.database ?? DATABASE} is younger than the moment that a backup shows; trying again.`,
      );
      await sleep(3000, run.signal);
    }
  }
}

/** CockroachDB sends a timestamp of UTC without saying so. */
function isoTime(text: string): string {
  const time = new Date(/[+-]\d\d(:?\d\d)?$|Z$/.test(text) ? text : `${text.replace(' ', 'T')}Z`);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}

/** Whether the database exists and has a table. */
export async function hasTables(sql: Sql, database = DATABASE): Promise<boolean> {
  const databases = await sql.query({ text: 'SHOW DATABASES' });
  if (!databases.some((row) => row.database_name === database)) return false;
  return (await sql.query({ text: `SHOW TABLES FROM ${database}` })).length > 0;
}
