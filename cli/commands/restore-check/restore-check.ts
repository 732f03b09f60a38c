import { type BackupPlace, listBackups, showBackup, shown } from '../../../components/database/backup.ts';
import type { Sql } from '../../../components/database/sql.ts';
import { type Look, type Run, stop, waitFor } from '../../../components/database/waiting.ts';
import { DATABASE } from '../../../components/names.ts';
import { cliError } from '../../lib/errors.ts';
import { type Comparison, compareTables, type Reading } from './compare.ts';
import * as statement from './statements.ts';

export interface RestoreCheck extends Comparison {
  readonly path: string;
  /** The moment that the backup shows, as CockroachDB writes it (UTC). */
  readonly moment: string;
  /** Name of the database that was restored into. */
  readonly database: string;
  readonly removed: boolean;
  readonly seconds: number;
}

export interface Options {
  /** Which backup. @default the newest */
  readonly path?: string | undefined;
  /** Leave the copy where it is. @default false */
  readonly keep?: boolean | undefined;
}

interface Contents {
  readonly moment: string;
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
}

/** Seconds for a restore: as long as reading what it made may take. */
const RESTORE_SECONDS = 6 * 3600;
/** Between two lines about an answer that is waited for. */
const TELL_MS = 30_000;

/**
 * Restores a backup into a database of another name, compares each table's rows with what the backup lists, and its contents with the
 * live table at the backup's moment, and removes that database. Nothing else is written or removed. Throws a CliError.
 *
 * `tidy` is a way to the database that still works when `run` was aborted, for the removal; `byHand` the command that a person types for a
 * statement, when even that fails.
 */
export async function restoreCheck(
  place: BackupPlace,
  { path, keep = false }: Options,
  sql: Sql,
  run: Run,
  tidy: <T>(work: (sql: Sql, run: Run) => Promise<T>) => Promise<T>,
  byHand: (statement: string) => string,
): Promise<RestoreCheck> {
  const start = Date.now();
  const chosen = await choose(place, path, sql);
  const contents = await readContents(place, chosen, sql);
  run.say(`Backup ${chosen} of ${contents.moment} UTC: ${contents.tables.length} tables.`);
  const name = await freeName(sql);
  const copy: Copy = { name, job: null };
  let comparison: Comparison;
  try {
    await restoreInto(copy, place, chosen, sql, run);
    comparison = await compare(contents, name, sql, run);
  } catch (error) {
    const left = await tidy((again, calm) => remove(copy, again, calm)).then(
      () => null,
      (problem: Error) => problem.message,
    );
    if (left !== null)
      throw cliError('EVO-724', { name, problem: left, command: byHand(statement.dropCopy(name).text) });
    throw error;
  }
  if (!keep) {
    await tidy((again, calm) => remove(copy, again, calm)).catch((problem: Error) => {
      throw cliError('EVO-724', {
        name,
        problem: problem.message,
        command: byHand(statement.dropCopy(name).text),
      });
    });
  }
  const seconds = Math.round((Date.now() - start) / 100) / 10;
  return { path: chosen, moment: contents.moment, database: name, removed: !keep, seconds, ...comparison };
}

/** The database that is restored into; `job` once CockroachDB has begun to make it. */
interface Copy {
  readonly name: string;
  job: string | null;
}

async function choose(place: BackupPlace, path: string | undefined, sql: Sql): Promise<string> {
  const paths = await listBackups(place, sql);
  const newest = paths.at(-1);
  const destination = shown(place.destination);
  if (newest === undefined) throw cliError('EVO-721', { destination });
  if (path !== undefined && !paths.includes(path)) throw cliError('EVO-722', { destination, path, newest });
  return path ?? newest;
}

async function readContents(place: BackupPlace, path: string, sql: Sql): Promise<Contents> {
  const rows = await sql.query(showBackup(place, path));
  const tables = rows.filter((row) => row.object_type === 'table' && row.database_name === DATABASE);
  const moment = tables[0]?.end_time;
  if (!moment) throw cliError('EVO-723', { path, problem: `it holds no table of the database ${DATABASE}` });
  return {
    moment: moment.replace(/([+-]00(:?00)?|Z)$/, ''),
    tables: tables.map((row) => ({ name: row.object_name ?? '', rows: Number(row.rows ?? 0) })),
  };
}

/** A name that no database has; what an earlier check left behind is named, and left alone. */
async function freeName(sql: Sql): Promise<string> {
  const taken = (await sql.query(statement.databases)).map((row) => row.database_name ?? '');
  for (let time = Date.now(); ; time += 1000) {
    const name = statement.copyName(new Date(time));
    if (!taken.includes(name)) return name;
  }
}

async function restoreInto(copy: Copy, place: BackupPlace, path: string, sql: Sql, run: Run): Promise<void> {
  const failed = (problem: string) => cliError('EVO-723', { path, problem });
  run.say(`Restoring into the new database ${copy.name}.`);
  const [row] = await sql.query(statement.restore(place, path, copy.name)).catch((error: Error) => {
    throw failed(error.message);
  });
  const id = row?.job_id ?? '';
  if (!/^\d+$/.test(id)) throw failed(`the answer names no job: ${JSON.stringify(row)}`);
  copy.job = id;
  const look = async (): Promise<Look<true>> => {
    const [{ status, fraction_completed: fraction, error } = {}] = await sql.query(statement.job(id));
    if (status === 'succeeded') return { done: true };
    if (status === 'failed' || status === 'canceled' || status === 'paused')
      throw stop(`job ${id} ${status}: ${error || 'no reason given'}`);
    return {
      waiting: `job ${id} is ${status ?? 'not listed'}, ${Math.round(Number(fraction ?? 0) * 100)} %`,
    };
  };
  const next = `Look at: SHOW JOB ${id}.`;
  try {
    await waitFor(look, { what: 'restore', seconds: RESTORE_SECONDS, every: 1, next }, run);
  } catch (error) {
    run.signal.throwIfAborted();
    throw failed((error as Error).message);
  }
}

async function compare({ moment, tables }: Contents, name: string, sql: Sql, run: Run): Promise<Comparison> {
  const restored = (await sql.query(statement.tables(name))).map((row) => row.table_name ?? '');
  const readings: Reading[] = [];
  let reason: string | null = null;
  for (const [index, { name: table, rows }] of tables.entries()) {
    run.say(`Comparing ${index + 1} of ${tables.length}: ${table}`);
    const has = restored.includes(table);
    const read = async (database: string, at: string | null) => {
      try {
        const asked = sql.query(statement.fingerprints(database, table, at));
        const found = await told(`the fingerprint of ${database}.${table}`, asked, run);
        return Object.fromEntries(found.map((row) => [row.index_name ?? '', row.fingerprint ?? 'no rows']));
      } catch (error) {
        run.signal.throwIfAborted();
        reason ??= `${database}.${table}: ${(error as Error).message}`;
        return null;
      }
    };
    const [counted] = has
      ? await told(`the rows of ${name}.${table}`, sql.query(statement.count(name, table)), run)
      : [];
    const copy = has ? await read(name, null) : null;
    readings.push({
      table,
      rowsInBackup: rows,
      rowsRestored: counted === undefined ? null : Number(counted.count),
      restored: copy,
      live: copy === null ? null : await read(DATABASE, moment),
    });
  }
  return compareTables(readings, restored, reason);
}

/** Says now and then that an answer which may take hours is still being waited for. */
async function told<T>(what: string, answer: Promise<T>, run: Run): Promise<T> {
  const start = Date.now();
  const told = setInterval(
    () => run.say(`Waiting for ${what}, ${Math.round((Date.now() - start) / 1000)} s.`),
    TELL_MS,
  );
  try {
    return await answer;
  } finally {
    clearInterval(told);
  }
}

/** Removes what this check made, and nothing when it made nothing: only a database whose restore was begun by it. */
async function remove(copy: Copy, sql: Sql, run: Run): Promise<void> {
  if (copy.job === null) return;
  const [{ status } = {}] = await sql.query(statement.job(copy.job));
  if (status !== 'succeeded') {
    // A restore that is cancelled or fails takes back what it made.
    if (status === 'running' || status === 'pending') await sql.query(statement.cancelJob(copy.job));
    await untilEnded(copy.job, sql, run);
  }
  const there = (await sql.query(statement.databases)).some((row) => row.database_name === copy.name);
  if (!there) return;
  run.say(`Removing the database ${copy.name}, which this check made.`);
  await sql.query(statement.dropCopy(copy.name));
}

async function untilEnded(id: string, sql: Sql, run: Run): Promise<void> {
  const ended = ['succeeded', 'failed', 'canceled'];
  const look = async (): Promise<Look<true>> => {
    const [{ status } = {}] = await sql.query(statement.job(id));
    return ended.includes(status ?? '')
      ? { done: true }
      : { waiting: `job ${id} is ${status ?? 'not listed'}` };
  };
  await waitFor(
    look,
    { what: `end of job ${id}`, seconds: 60, every: 1, next: `Look at: SHOW JOB ${id}.` },
    run,
  );
}
