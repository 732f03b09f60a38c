import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Scratch } from '../cli/lib/machine/scratch.ts';
import { Postgres } from '../cli/lib/postgres/postgres.ts';
import { type Outcome, runOnPostgres } from './postgres.ts';
import { readStatements } from './statements.ts';

// The statements that both databases share, on a real PostgreSQL. Grants mean the same in both.
const scratch = new Scratch();
const statements = ['00-bootstrap.sql', '10-phase1-reader-user.sql'].flatMap(readStatements);
let postgres: Postgres;
let runs: Outcome[][];
let writer: Client;
let reader: Client;
let load: Client;

beforeAll(async () => {
  postgres = await Postgres.create(scratch.path('postgres'));
  await postgres.start();
  const runAll = () => runOnPostgres(statements, (database) => postgres.connect(database));
  runs = [await runAll(), await runAll()];
  const admin = await postgres.connect('evolution');
  for (const user of ['app_writer', 'app_reader', 'loadgen'])
    await admin.query(`ALTER USER ${user} WITH PASSWORD 'test'`);
  await admin.end();
  writer = await postgres.connect('evolution', 'app_writer', 'test');
  reader = await postgres.connect('evolution', 'app_reader', 'test');
  load = await postgres.connect('evolution', 'loadgen', 'test');
});

afterAll(async () => {
  await Promise.allSettled([writer?.end(), reader?.end(), load?.end()]);
  await postgres?.stop('immediate');
  scratch.remove();
});

const LOGIN = "INSERT INTO login_events (id, user_id, ip_hash, user_agent_hash) VALUES ($1, 'u', 'i', 'a')";
const WITNESS = 'INSERT INTO witness_writes (run_id, seq) VALUES ($1, 1)';

async function refusal(
  client: Client,
  statement: string,
  values: unknown[] = [],
): Promise<string | undefined> {
  return client.query(statement, values).then(
    () => 'nothing was refused',
    (error) => error.code,
  );
}

describe('the shared statements on PostgreSQL', () => {
  it('run, and run again without an error', () => {
    const results = (outcomes: Outcome[] | undefined) => outcomes?.map((o) => o.result);
    expect(results(runs[0])).not.toContain('exists');
    expect(results(runs[1])?.filter((r) => r === 'exists')).toHaveLength(4);
    expect(results(runs[1])?.filter((r) => r === 'skipped')).toHaveLength(4);
  });

  it('leave every seed row once', async () => {
    const { rows } = await writer.query('SELECT count(*)::INT AS count FROM search_terms');
    expect(rows).toEqual([{ count: expect.any(Number) }]);
    expect(rows[0].count).toBeGreaterThanOrEqual(300);
  });

  it('name the file and the line of a statement that fails', async () => {
    const bad = [{ text: 'SELECT nothing', file: 'x.sql', line: 7, database: null, cockroachOnly: null }];
    await expect(runOnPostgres(bad, (database) => postgres.connect(database))).rejects.toThrow(
      /^x\.sql:7: .*nothing/,
    );
  });
});

describe('app_writer', () => {
  it('stores a login once, however often it is sent', async () => {
    const id = randomUUID();
    for (const expected of [1, 0]) {
      const { rowCount } = await writer.query(`${LOGIN} ON CONFLICT (id) DO NOTHING`, [id]);
      expect(rowCount).toBe(expected);
    }
  });

  it('searches by prefix on the primary key', async () => {
    const search =
      'SELECT term, popularity FROM search_terms WHERE term >= $1 AND term < $2 ORDER BY term LIMIT 10';
    const { rows } = await writer.query(search, ['laptop', 'laptoq']);
    expect(rows).toHaveLength(10);
    expect(rows[0].term).toBe('laptop');
    // A small table is read whole by choice; without that choice, the index must do for both bounds.
    await writer.query('SET enable_seqscan = off');
    const { rows: plan } = await writer.query(`EXPLAIN ${search}`, ['laptop', 'laptoq']);
    const lines = plan.map((row) => row['QUERY PLAN']).join('\n');
    expect(lines).toContain('search_terms_pkey');
    expect(lines).toMatch(/Index Cond: .*>= 'laptop'.*< 'laptoq'/);
  });

  it('writes and removes rows of the witness, which both users read', async () => {
    const run = randomUUID();
    await writer.query(WITNESS, [run]);
    for (const client of [writer, reader]) {
      const { rows } = await client.query('SELECT seq::INT FROM witness_writes WHERE run_id = $1', [run]);
      expect(rows).toEqual([{ seq: 1 }]);
    }
    expect((await writer.query('DELETE FROM witness_writes WHERE run_id = $1', [run])).rowCount).toBe(1);
  });

  it.each([
    'UPDATE login_events SET user_id = $$x$$',
    'DELETE FROM login_events',
    'UPDATE search_terms SET popularity = 0',
    'DELETE FROM search_terms',
    'UPDATE witness_writes SET seq = 0',
    'TRUNCATE witness_writes',
    'CREATE TABLE t (a INT8)',
    'CREATE TEMPORARY TABLE t (a INT8)',
    'CREATE SCHEMA s',
    'GRANT SELECT ON TABLE login_events TO public',
    'CREATE USER someone',
  ])('may not %s', async (statement) => {
    // GRANT without the right to grant is a warning in PostgreSQL, and grants nothing.
    if (statement.startsWith('GRANT')) {
      await writer.query(statement);
      const { rows } = await writer.query(
        "SELECT has_table_privilege('public', 'login_events', 'SELECT') AS granted",
      );
      expect(rows).toEqual([{ granted: false }]);
    } else expect(await refusal(writer, statement)).toBe('42501');
  });

  it('does not own the tables', async () => {
    for (const table of ['login_events', 'search_terms', 'witness_writes']) {
      expect(await refusal(writer, `ALTER TABLE ${table} ADD COLUMN x INT8`)).toBe('42501');
    }
  });
});

describe('app_reader', () => {
  it.each(['login_events', 'search_terms', 'witness_writes'])('reads %s', async (table) => {
    await expect(reader.query(`SELECT * FROM ${table}`)).resolves.toBeDefined();
  });

  const WRITES: [string, () => unknown[]][] = [
    [LOGIN, () => [randomUUID()]],
    ["INSERT INTO search_terms VALUES ('x', 1)", () => []],
    [WITNESS, () => [randomUUID()]],
    ['UPDATE search_terms SET popularity = 0', () => []],
    ['DELETE FROM witness_writes', () => []],
    ['TRUNCATE login_events', () => []],
    ['CREATE TABLE t (a INT8)', () => []],
    ['CREATE SCHEMA s', () => []],
  ];

  it.each(WRITES)('begins read-only: %s', async (statement, values) => {
    expect(await refusal(reader, statement, values())).toBe('25006');
  });

  it.each([...WRITES, ['CREATE TEMPORARY TABLE t (a INT8)', () => []] as (typeof WRITES)[number]])(
    'may not write either when it turns read-only off: %s',
    async (statement, values) => {
      await reader.query('SET default_transaction_read_only = off');
      expect(await refusal(reader, statement, values())).toBe('42501');
      await reader.query('RESET default_transaction_read_only');
    },
  );
});

describe('loadgen', () => {
  it('may do nothing before it is granted the rows of its tables', async () => {
    for (const statement of [
      'CREATE TABLE warehouse (w_id INT8 PRIMARY KEY)',
      'CREATE TEMPORARY TABLE t (a INT8)',
      'CREATE SCHEMA s',
      'CREATE DATABASE d',
      'CREATE USER someone',
    ])
      expect(await refusal(load, statement), statement).toBe('42501');
  });

  it.each(['login_events', 'search_terms', 'witness_writes'])('has no right on %s', async (table) => {
    for (const statement of [`SELECT * FROM ${table}`, `DELETE FROM ${table}`, `DROP TABLE ${table}`])
      expect(await refusal(load, statement), statement).toBe('42501');
  });
});
