import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { PreparedQuery } from '../app/src/database/prepared-query.ts';
import { startDatabase, type TestDatabase } from './support/sample-app.ts';

let test: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  test = await startDatabase();
});
afterAll(() => test?.remove());
beforeEach(async () => {
  client = await test.postgres.connect('evolution');
});
afterEach(() => client.end());

function run(name: string, text: string, values: readonly unknown[], timeoutMs = 5000): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const until = performance.now() + timeoutMs;
    client.query(
      new PreparedQuery({ name, text }, values, pg.types, until, (error, rows) =>
        error ? reject(error) : resolve(rows),
      ),
    );
  });
}

const EACH_TYPE = `SELECT $1::TEXT AS text, $2::INT4 AS number, $3::BOOL AS truth, $4::TEXT AS nothing, i AS "in row"
  FROM unnest($5::INT8[]) AS i ORDER BY i`;

it('gives the same rows as pg, the first time and when the columns are known', async () => {
  const values = ['Zoë 😀', 7, true, null, [3, 1, 2]];
  const { rows } = await client.query(EACH_TYPE, values);
  expect(rows).toHaveLength(3);
  for (let i = 0; i < 3; i += 1) expect(await run('each', EACH_TYPE, values)).toEqual(rows);
  expect(await run('each', EACH_TYPE, ['', 0, false, null, []])).toEqual([]);
  expect(await run('each', EACH_TYPE, values)).toEqual(rows);
});

it('is prepared once a connection, and described once', async () => {
  for (let i = 0; i < 3; i += 1) {
    expect(await run('one', 'SELECT 1 AS one', [])).toEqual([{ one: 1 }]);
    expect(await run('none', 'SET application_name = test', [])).toEqual([]);
  }
  const { rows } = await client.query('SELECT name FROM pg_prepared_statements ORDER BY name');
  expect(rows).toEqual([{ name: 'none' }, { name: 'one' }]);
});

it('rejects with the code of the database, in each step, and the connection goes on', async () => {
  const divide = 'SELECT 1 / $1::INT AS result';
  for (let i = 0; i < 2; i += 1) {
    await expect(run('divide', divide, [0])).rejects.toMatchObject({ code: '22012' });
    await expect(run('divide', divide, ['x'])).rejects.toMatchObject({ code: '22P02' });
    await expect(run('wrong', 'SELECT nothing_like_it', [])).rejects.toMatchObject({ code: '42703' });
    expect(await run('divide', divide, [1])).toEqual([{ result: 1 }]);
  }
});

it('does not read the rows of a table that has changed by the columns that it had', async () => {
  await client.query('CREATE TABLE changing (a INT); INSERT INTO changing VALUES (1)');
  expect(await run('all', 'SELECT * FROM changing', [])).toEqual([{ a: 1 }]);
  await client.query('ALTER TABLE changing ADD COLUMN b INT');
  await expect(run('all', 'SELECT * FROM changing', [])).rejects.toMatchObject({ code: '0A000' });
});

it('rejects when the answer takes too long', async () => {
  await expect(run('sleep', 'SELECT pg_sleep($1)', [5], 100)).rejects.toThrow(/timeout/);
});

it('rejects when the connection ends', async () => {
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
  const ended = expect(run('long', 'SELECT pg_sleep($1)', [5])).rejects.toThrow(/terminat/);
  const other = await test.postgres.connect('evolution');
  await other.query('SELECT pg_terminate_backend($1)', [rows[0].pid]);
  await other.end();
  await ended;
});
