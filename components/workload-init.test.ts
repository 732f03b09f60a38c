import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Scratch } from '../cli/lib/machine/scratch.ts';
import { Postgres } from '../cli/lib/postgres/postgres.ts';
import { canParse, parse } from '../tests/support/grammar.ts';
import { COCKROACH, initUrl, loadUrl, TABLES, type Workload } from './workload.ts';
import { initScript, initStatements, probeStatement, STATE_TABLE, waitScript } from './workload-init.ts';

const BANK: Workload = { kind: 'bank', warehouses: 1, rate: 20 };
const WORKLOADS: Workload[] = [
  BANK,
  { kind: 'kv', warehouses: 1, rate: 1 },
  { kind: 'tpcc', warehouses: 3, rate: 5 },
];

/** Every statement that the scripts send. */
function statements(workload: Workload): string[] {
  const { drop, ...rest } = initStatements(workload);
  return [...Object.values(rest), ...drop, probeStatement(workload)];
}

describe.each(WORKLOADS)('the scripts of $kind', (workload) => {
  it('are ones that bash can read', () => {
    for (const script of [initScript(workload), waitScript(workload)])
      expect(execFileSync('bash', ['-n', '-c', script], { encoding: 'utf8' })).toBe('');
  });

  it('send only the statements that are listed', () => {
    const sent = [...initScript(workload).matchAll(/ask '((?:[^']|'\\'')+)'/g)].map((match) =>
      (match[1] as string).replaceAll(`'\\''`, "'"),
    );
    expect(sent.length).toBeGreaterThanOrEqual(8);
    for (const statement of sent) expect(statements(workload)).toContain(statement);
  });

  it('drop their own tables only, and only after a load that was interrupted', () => {
    const { drop, ...rest } = initStatements(workload);
    expect(drop).toEqual(TABLES[workload.kind].map((table) => `DROP TABLE IF EXISTS ${table}`));
    expect(Object.values(rest).join('\n')).not.toMatch(/\b(DROP|TRUNCATE|DELETE FROM|CASCADE)\b/i);
    const [before, inside] = initScript(workload).split('loading)\n');
    expect(before).not.toContain('DROP');
    expect(inside?.split('  ;;\n')[1]).not.toContain('DROP');
  });

  it('sign in as root to make the data, and as loadgen to wait for it', () => {
    expect(new URL(initUrl()).username).toBe('root');
    expect(initScript(workload)).toContain(initUrl());
    expect(initScript(workload)).not.toContain(loadUrl());
    expect(waitScript(workload)).toContain(loadUrl());
    expect(waitScript(workload)).not.toContain(initUrl());
  });

  it('load by INSERT, which needs no import', () => {
    expect(initScript(workload)).toContain(`'init' '${workload.kind}' '--data-loader=INSERT'`);
  });
});

it.skipIf(!canParse('the SQL of the load'))(
  "the statements of the init parse under CockroachDB's grammar",
  { timeout: 60_000 },
  async () => {
    // One of each form: the grammar's program takes about a second for each.
    const { drop, ...rest } = initStatements(WORKLOADS[2] as Workload);
    const all = [...Object.values(rest), ...drop, probeStatement(WORKLOADS[2] as Workload)];
    expect(await parse(all)).toBe(`${all.length} parsed, 0 not\n`);
  },
);

// The decisions, on a real database. PostgreSQL shares every statement here with CockroachDB. In the place of the
// cockroach binary is a program that sends what it is given, and that loads as `workload init` does: by plain INSERTs
// into tables that it makes when they are missing.
describe('the init of the data', () => {
  const scratch = new Scratch();
  let postgres: Postgres;
  let client: Client;
  let load: Client;
  let binary: string;

  beforeAll(async () => {
    postgres = await Postgres.create(scratch.path('postgres'));
    await postgres.start();
    client = await postgres.connect('postgres');
    // As sql/00-bootstrap.sql leaves it: PostgreSQL before 15 let everyone make tables.
    await client.query("CREATE USER loadgen PASSWORD 'load'");
    load = await postgres.connect('postgres', 'loadgen', 'load');
    binary = scratch.path('cockroach');
    writeFileSync(binary, program(postgres), { mode: 0o755 });
  });

  afterEach(() => client.query(`DROP TABLE IF EXISTS ${STATE_TABLE}, bank`));

  afterAll(async () => {
    await Promise.allSettled([client?.end(), load?.end()]);
    await postgres?.stop('immediate');
    scratch.remove();
  });

  const program = (server: Postgres) => `#!/usr/bin/env node
const { Client } = require(${JSON.stringify(require.resolve('pg'))});
const [verb, ...rest] = process.argv.slice(2);
const as = (user) => rest.some((arg) => arg.includes('//' + user + '@'));
const client = new Client(as('loadgen') ? ${JSON.stringify(server.url('postgres', 'loadgen', 'load'))} : ${JSON.stringify(server.url('postgres'))});
(async () => {
  await client.connect();
  if (verb === 'sql') {
    const { fields = [], rows } = await client.query({ text: rest[rest.indexOf('-e') + 1], rowMode: 'array' });
    if (fields.length > 0) console.log([fields.map((f) => f.name), ...rows].map((row) => row.join('\\t')).join('\\n'));
  } else {
    await client.query('CREATE TABLE IF NOT EXISTS bank (id INT8 PRIMARY KEY)');
    await client.query('INSERT INTO bank VALUES (1)');
    if (process.env.INTERRUPTED) process.exit(137);
    await client.query('INSERT INTO bank VALUES (2)');
    console.log('ran ' + rest.join(' '));
  }
  await client.end();
})().catch((error) => { console.error('ERROR: ' + error.message); process.exit(1); });
`;

  async function run(script: string, env: Record<string, string> = {}) {
    const text = script.replaceAll(COCKROACH, binary);
    return promisify(execFile)('bash', ['-c', text], { env: { ...process.env, ...env } }).then(
      ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
      ({ code, stdout, stderr }) => ({ code, output: stdout + stderr }),
    );
  }
  const rows = async () => (await client.query('SELECT id::INT FROM bank ORDER BY id')).rows.map((r) => r.id);

  it('loads the data once, and finds it the next time', async () => {
    const first = await run(initScript(BANK));
    expect(first).toMatchObject({
      code: 0,
      output: expect.stringContaining('init bank --data-loader=INSERT --db=evolution --rows=10000'),
    });
    expect(await rows()).toEqual([1, 2]);
    const second = await run(initScript(BANK));
    expect(second).toEqual({ code: 0, output: 'The data is there.\n' });
    expect(await rows()).toEqual([1, 2]);
  });

  it('starts over after a load that was interrupted', async () => {
    expect(await run(initScript(BANK), { INTERRUPTED: 'yes' })).toMatchObject({ code: 137 });
    expect(await rows()).toEqual([1]);
    const again = await run(initScript(BANK));
    expect(again).toMatchObject({ code: 0, output: expect.stringContaining('was interrupted: dropping') });
    expect(await rows()).toEqual([1, 2]);
  });

  it('starts over after one that was interrupted before it made its tables', async () => {
    await client.query(initStatements(BANK).prepare);
    await client.query(initStatements(BANK).begin);
    expect(await run(initScript(BANK))).toMatchObject({ code: 0 });
    expect(await rows()).toEqual([1, 2]);
  });

  it('leaves tables alone that it did not make', async () => {
    await client.query('CREATE TABLE bank (id INT8 PRIMARY KEY)');
    await client.query('INSERT INTO bank VALUES (7)');
    const result = await run(initScript(BANK));
    expect(result).toMatchObject({ code: 1, output: expect.stringContaining('did not make') });
    expect(await rows()).toEqual([7]);
  });

  it('refuses another size than the data has, and says which it has', async () => {
    await run(initScript(BANK));
    await client.query(`UPDATE ${STATE_TABLE} SET size = '--rows=5'`);
    const result = await run(initScript(BANK));
    expect(result).toMatchObject({
      code: 1,
      output: expect.stringMatching(/with --rows=5, and --rows=10000/),
    });
  });

  it('lets the load read and write the rows of its tables, and nothing else', async () => {
    await run(initScript(BANK));
    await load.query('INSERT INTO bank VALUES (3)');
    await load.query('UPDATE bank SET id = 4 WHERE id = 3');
    await load.query('DELETE FROM bank WHERE id = 4');
    for (const statement of [
      'DROP TABLE bank',
      'ALTER TABLE bank ADD COLUMN x INT8',
      'CREATE TABLE mine (id INT8)',
      `SELECT * FROM ${STATE_TABLE}`,
      'CREATE DATABASE mine',
    ])
      await expect(load.query(statement), statement).rejects.toMatchObject({ code: '42501' });
  });

  it('gives the load its rights again when they are missing, though the data is there', async () => {
    await run(initScript(BANK));
    await client.query('REVOKE ALL ON bank FROM loadgen');
    expect(await run(initScript(BANK))).toMatchObject({ code: 0 });
    await expect(load.query('SELECT id FROM bank')).resolves.toBeDefined();
  });

  it('fails when the database does not answer', async () => {
    const broken = initScript(BANK).replaceAll(initStatements(BANK).prepare, 'SELECT nothing FROM nowhere');
    expect(await run(broken)).toMatchObject({ code: 1, output: expect.stringContaining('ERROR') });
  });

  it('lets a run begin when the load has its rights, and says what it waits for until then', async () => {
    await client.query('CREATE TABLE bank (id INT8 PRIMARY KEY)');
    const log = scratch.path('wait.log');
    const waiting = run(`exec >${log} 2>&1\n${waitScript(BANK)}`);
    await expect
      .poll(() => existsSync(log) && readFileSync(log, 'utf8'))
      .toContain('Waiting for the data: ERROR: permission denied');
    await client.query(initStatements(BANK).grant);
    expect(await waiting).toMatchObject({ code: 0 });
  });
});
