import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Scratch } from '../../cli/lib/machine/scratch.ts';
import { Postgres } from '../../cli/lib/postgres/postgres.ts';
import { runOnPostgres } from '../../sql/postgres.ts';
import { readStatements } from '../../sql/statements.ts';
import { readScript } from '../replication.ts';
import { setUp } from '../steps/user.ts';
import { testRun } from './recorder.testing.ts';
import { runScript } from './script.ts';
import type { Row, Sql } from './sql.ts';

// What the providers send, on a real PostgreSQL, as far as it shares the statements. As in sql/postgres.ts, what only CockroachDB has is
// left out; of what is left, one more form is spelled differently: PostgreSQL takes no placeholder for a password.
const scratch = new Scratch();
const only = new Set(
  ['00-bootstrap.sql', '10-phase1-reader-user.sql']
    .flatMap(readStatements)
    .flatMap((s) => (s.cockroachOnly ? s.text : [])),
);
let postgres: Postgres;

const sql: Sql = {
  async query({ text, values = [], database, login }) {
    if (only.has(text)) return [];
    const connect = (name: string) => postgres.connect(name, login?.user, login?.password);
    const client = await connect(database ?? 'postgres');
    try {
      if (/WITH PASSWORD \$1$/.test(text)) {
        await client.query(text.replace('$1', client.escapeLiteral(values[0] ?? '')));
        return [];
      }
      if (/^CREATE (USER|DATABASE) /.test(text)) {
        const statement = { text, file: '', line: 0, database: database ?? null, cockroachOnly: null };
        await runOnPostgres([statement], connect);
        return [];
      }
      return (await client.query(text, [...values])).rows as Row[];
    } finally {
      await client.end();
    }
  },
};

beforeAll(async () => {
  postgres = await Postgres.create(scratch.path('postgres'));
  await postgres.start();
});

afterAll(async () => {
  await postgres?.stop('immediate');
  scratch.remove();
});

const NONE = { file: '', lines: '', statements: [] };

describe('on PostgreSQL', () => {
  it('the bootstrap runs in its database, and runs again', async () => {
    for (const _ of [1, 2]) await runScript(sql, readScript('00-bootstrap.sql'));
    const [row] = await sql.query({
      text: 'SELECT count(*)::TEXT AS n FROM search_terms',
      database: 'evolution',
    });
    expect(Number(row?.n)).toBeGreaterThan(300);
  });

  it('a statement that fails is named by file and line, and what stands above it stays', async () => {
    const script = {
      file: 'x.sql',
      lines: '3 9',
      statements: ['CREATE TABLE kept (a INT8)', 'SELECT nothing'],
    };
    await expect(runScript(sql, script)).rejects.toThrow(/^sql\/x\.sql:9: .*"nothing".* \(SQLSTATE 42703\)/);
    await expect(sql.query({ text: 'SELECT * FROM kept' })).resolves.toEqual([]);
  });

  it.each([
    ['app_writer', NONE],
    ['app_reader', readScript('10-phase1-reader-user.sql')],
  ])('%s logs in with its password, and with the next one when that changes', async (user, script) => {
    for (const password of ['first"1', "second'2"]) {
      await setUp({ user, password, ...script }, sql, testRun());
      const login = { user, password };
      const rows = await sql.query({ text: 'SELECT current_user AS name', database: 'evolution', login });
      expect(rows).toEqual([{ name: user }]);
    }
    await expect(
      sql.query({ text: 'SELECT 1', database: 'evolution', login: { user, password: 'first"1' } }),
    ).rejects.toThrow('password authentication failed');
  });

  it('a user that cannot log in is an error, whatever the database said before', async () => {
    await sql.query({ text: 'CREATE USER locked' });
    await sql.query({ text: 'ALTER USER locked NOLOGIN' });
    await expect(setUp({ user: 'locked', password: 'x', ...NONE }, sql, testRun())).rejects.toThrow(
      /^The user locked has its password, but cannot log in with it: .*not permitted to log in/s,
    );
  });
});
