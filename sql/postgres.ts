import type { Client } from 'pg';
import type { Statement } from './statements.ts';

/** Where statements run that name no database: every PostgreSQL server, and every CockroachDB cluster, has it. */
const ANY_DATABASE = 'postgres';

export interface Outcome {
  readonly statement: Statement;
  /** `exists`: what it creates was there. `skipped`: only CockroachDB runs it. */
  readonly result: 'executed' | 'exists' | 'skipped';
}

/**
 * Runs on PostgreSQL what it shares with CockroachDB, in order. `connect` opens a connection to a database; they are ended here.
 * Throws what the server answered, with file and line.
 *
 * One form is spelled differently: PostgreSQL has no `IF NOT EXISTS` for `CREATE USER` and `CREATE DATABASE`. It is left out, and
 * the answer "exists" counts as success.
 */
export async function runOnPostgres(
  statements: readonly Statement[],
  connect: (database: string) => Promise<Client>,
): Promise<Outcome[]> {
  const clients = new Map<string, Client>();
  const outcomes: Outcome[] = [];
  try {
    for (const statement of statements) {
      if (statement.cockroachOnly !== null) {
        outcomes.push({ statement, result: 'skipped' });
        continue;
      }
      const database = statement.database ?? ANY_DATABASE;
      const client = clients.get(database) ?? (await connect(database));
      clients.set(database, client);
      outcomes.push({ statement, result: await runOne(client, statement) });
    }
  } finally {
    await Promise.all([...clients.values()].map((client) => client.end()));
  }
  return outcomes;
}

const CREATE_IF_NOT_EXISTS = /^CREATE (USER|DATABASE) IF NOT EXISTS /;
/** duplicate_object (a user), duplicate_database. */
const EXISTS = new Set(['42710', '42P04']);

async function runOne(client: Client, statement: Statement): Promise<'executed' | 'exists'> {
  const adapted = statement.text.replace(CREATE_IF_NOT_EXISTS, 'CREATE $1 ');
  try {
    await client.query(adapted);
    return 'executed';
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (adapted !== statement.text && code !== undefined && EXISTS.has(code)) return 'exists';
    throw new Error(`${statement.file}:${statement.line}: ${message}`, { cause: error });
  }
}
