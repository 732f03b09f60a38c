import type { DatabaseAddress } from '../database/kubernetes.ts';
import { runScript, type Script } from '../database/script.ts';
import type { Sql } from '../database/sql.ts';
import { type Look, type Run, stop, waitFor } from '../database/waiting.ts';
import { DATABASE } from '../names.ts';

/** The script creates the user and its grants; it is empty if another step has done that. */
export interface UserInputs extends Script {
  readonly address: DatabaseAddress;
  readonly user: string;
  readonly password: string;
}

/** A table that both users of the app may read. */
const TABLE = 'search_terms';
const SEEN_SECONDS = 20;
/**
 * Errors that pass by themselves. 42501, 42P01: a session with follower reads sees the state of about 5 s ago, when the user had no
 * privilege on the table, or the table did not exist. 28P01: a node may use the old password for a moment.
 */
const NOT_YET = ['42501', '42P01', '28P01'];

/**
 * Sets a user's password, and waits until the user can read a table with it, because the app needs that next. The user exists already, or
 * the statements create it.
 */
export async function setUp(inputs: Omit<UserInputs, 'address'>, sql: Sql, run: Run): Promise<void> {
  const { user, password } = inputs;
  await runScript(sql, inputs);
  // A user's name cannot be a placeholder; `check` admits plain names only.
  await sql.query({ text: `ALTER USER ${user} WITH PASSWORD $1`, values: [password] });
  const look = async (): Promise<Look<true>> => {
    try {
      const text = `SELECT 1 FROM ${TABLE} LIMIT 1`;
      await sql.query({ text, database: DATABASE, login: { user, password } });
      return { done: true };
    } catch (error) {
      run.signal.throwIfAborted();
      const { code, message } = error as { code?: unknown; message: string };
      if (NOT_YET.includes(String(code))) return { waiting: `${message} (${code})` };
      throw stop(`The user ${user} has its password, but cannot log in with it: ${message}`);
    }
  };
  const what = `read access of ${user} to ${TABLE}`;
  const next = `Look at: SHOW GRANTS FOR ${user}; then run the same command again.`;
  await waitFor(look, { what, seconds: SEEN_SECONDS, every: 1, next }, run);
}
