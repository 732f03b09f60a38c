import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Postgres } from '../cli/rehearse/postgres.ts';
import { Scratch } from '../cli/rehearse/scratch.ts';
import { COCKROACH, type Workload } from './workload.ts';
import { initScript, initStatements, STATE_TABLE, waitScript } from './workload-init.ts';

const BANK: Workload = { kind: 'bank', warehouses: 1, rate: 20 };
const WORKLOADS: Workload[] = [
  BANK,
  { kind: 'kv', warehouses: 1, rate: 1 },
  { kind: 'tpcc', warehouses: 3, rate: 5 },
];

// CockroachDB's own grammar, where it can be had: a program that takes files and exits 0 when all of them parse.
const GRAMMAR = resolve(process.env.CRDB_SQL ?? join(__dirname, '..', '..', 'shared', 'oracles', 'crdb-sql'));
const canParse = existsSync(GRAMMAR);
if (!canParse)
  console.warn(`SKIPPED: whether the load's SQL parses under CockroachDB's grammar. Not found: ${GRAMMAR}`);

/** Every statement that the scripts send. */
function statements(workload: Workload): string[] {
  const { empty, ...rest } = initStatements(workload);
  return [...Object.values(rest), ...empty.flatMap(({ count, remove }) => [count, remove])];
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

  it('take away rows of their own tables, and no table', () => {
    expect(statements(workload).join('\n')).not.toMatch(/\b(DROP|TRUNCATE|CASCADE)\b/i);
  });
});

it.skipIf(!canParse)(
  "the statements of the init parse under CockroachDB's grammar",
  { timeout: 60_000 },
  async () => {
    // One of each form: the grammar's program takes about a second for each.
    const { empty, ...rest } = initStatements(WORKLOADS[2] as Workload);
    const all = [...Object.values(rest), ...empty.map(({ remove }) => remove)];
    const { stdout } = await promisify(execFile)(GRAMMAR, ['-e', all.join(';\n')]).catch((error) => error);
    expect(stdout).toBe(`${all.length} parsed, 0 not\n`);
  },
);

// The decisions, on a real database. PostgreSQL shares every statement here with CockroachDB. In the place of the
// cockroach binary is a program that sends what it is given, and that loads as `workload init` does: by plain INSERTs
// into tables that it makes when they are missing.
describe('the init of the data', () => {
  const scratch = new Scratch();
  let postgres: Postgres;
  let client: Client;
  let binary: string;

  beforeAll(async () => {
    postgres = await Postgres.create(scratch.path('postgres'));
    await postgres.start();
    client = await postgres.connect('postgres');
    binary = scratch.path('cockroach');
    writeFileSync(binary, program(postgres), { mode: 0o755 });
  });

  afterEach(() => client.query(`DROP TABLE IF EXISTS ${STATE_TABLE}, bank`));

  afterAll(async () => {
    await client?.end();
    await postgres?.stop('immediate');
    scratch.remove();
  });

  const program = (server: Postgres) => `#!/usr/bin/env node
const { Client } = require(${JSON.stringify(require.resolve('pg'))});
const [verb, ...rest] = process.argv.slice(2);
const client = new Client(${JSON.stringify(server.url('postgres'))});
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
      output: expect.stringContaining('init bank --db=evolution --rows=10000'),
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
    expect(again).toMatchObject({ code: 0, output: expect.stringContaining('was interrupted: emptying') });
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

  it('fails when the database does not answer', async () => {
    const broken = initScript(BANK).replaceAll(initStatements(BANK).prepare, 'SELECT nothing FROM nowhere');
    expect(await run(broken)).toMatchObject({ code: 1, output: expect.stringContaining('ERROR') });
  });

  it('lets a run begin when the data is there, and not before', async () => {
    await client.query(initStatements(BANK).prepare);
    await client.query(initStatements(BANK).begin);
    const log = scratch.path('wait.log');
    const waiting = run(`exec >${log} 2>&1\n${waitScript(BANK)}`);
    await expect.poll(() => existsSync(log) && readFileSync(log, 'utf8')).toContain('Waiting');
    await client.query(initStatements(BANK).end);
    expect(await waiting).toMatchObject({ code: 0 });
  });
});
