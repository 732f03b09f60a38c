import { randomBytes } from 'node:crypto';
import { type Outcome, runOnPostgres } from '../../../sql/postgres.ts';
import { readStatements } from '../../../sql/statements.ts';
import { Credentials } from '../machine/credentials.ts';
import type { Postgres } from './postgres.ts';

const DATABASE = 'evolution';

/** An administrator's access to the database: runs the files of `sql/`, sets passwords, and hands credentials to the app. */
export class Database {
  readonly #postgres: Postgres;
  readonly #credentials: Credentials;
  readonly #passwords = new Map<string, string>();

  /** Credentials are written to files in `directory`, which is created. */
  constructor(postgres: Postgres, directory: string) {
    this.#postgres = postgres;
    this.#credentials = new Credentials(directory);
  }

  /** Runs the statements of a file in `sql/` that PostgreSQL understands too. */
  apply(file: string): Promise<Outcome[]> {
    return runOnPostgres(readStatements(file), (database) => this.#postgres.connect(database));
  }

  /** Gives the user a new random password, which only its credentials file will hold. */
  async setPassword(user: string): Promise<void> {
    const password = randomBytes(24).toString('hex');
    await this.#asAdmin(async (client) => {
      const literals = `${client.escapeIdentifier(user)} WITH PASSWORD ${client.escapeLiteral(password)}`;
      await client.query(`ALTER USER ${literals}`);
    });
    this.#passwords.set(user, password);
  }

  urlFile(connection: 'writer' | 'reader'): string {
    return this.#credentials.file(connection);
  }

  /** Gives the app the connection's URL, for this user. */
  writeUrl(connection: 'writer' | 'reader', user: string): void {
    this.#credentials.write(connection, this.#postgres.url(DATABASE, user, this.#passwords.get(user)));
  }

  /** How many connections the user has open. */
  async connectionsOf(user: string): Promise<number> {
    const sql = 'SELECT count(*)::INT AS count FROM pg_stat_activity WHERE usename = $1';
    return this.#asAdmin(
      async (client) => (await client.query<{ count: number }>(sql, [user])).rows[0]?.count ?? 0,
    );
  }

  async loginEvents(): Promise<number> {
    const sql = 'SELECT count(*)::INT AS count FROM login_events';
    return this.#asAdmin(async (client) => (await client.query<{ count: number }>(sql)).rows[0]?.count ?? 0);
  }

  /** Runs statements as the user, in one session. Returns the error of the one that failed, with its code, or null. */
  async refusal(user: string, ...statements: string[]): Promise<string | null> {
    const client = await this.#postgres.connect(DATABASE, user, this.#passwords.get(user));
    try {
      for (const statement of statements) await client.query(statement);
      return null;
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      return `ERROR: ${message} (SQLSTATE ${code})`;
    } finally {
      await client.end();
    }
  }

  async version(): Promise<string> {
    return this.#asAdmin(
      async (client) => (await client.query('SHOW server_version')).rows[0].server_version,
    );
  }

  async #asAdmin<T>(work: (client: Awaited<ReturnType<Postgres['connect']>>) => Promise<T>): Promise<T> {
    const client = await this.#postgres.connect(DATABASE);
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }
}
