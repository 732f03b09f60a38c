import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canParse, parse } from '../tests/support/grammar.ts';
import { readStatements } from './statements.ts';

const FILES = readdirSync(__dirname).filter((name) => name.endsWith('.sql'));
const STATEMENTS = FILES.flatMap((file) => readStatements(file));

describe('the files in sql/', () => {
  it('are one a step, in order', () => {
    expect(FILES).toEqual([
      '00-bootstrap.sql',
      '01-phase0-rf1.sql',
      '10-phase1-reader-user.sql',
      '11-phase1-rf2.sql',
      '20-phase2-rf3.sql',
    ]);
  });

  it.each(FILES)('%s removes nothing and holds no password', (file) => {
    const code = readFileSync(join(__dirname, file), 'utf8').replace(/--.*$/gm, '');
    const withoutRows = code.replace(/'[^']*'/g, "''");
    expect(withoutRows).not.toMatch(/\b(DROP|TRUNCATE|DISCARD|PASSWORD|CASCADE)\b/i);
    expect(withoutRows).not.toMatch(/\b(DELETE\s+FROM|UPDATE\s+\w+\s+SET)\b/i);
  });

  it('name their database before they name a table, schema or user setting in it', () => {
    const first = STATEMENTS.filter((s) => s.database === null && s.cockroachOnly === null);
    expect(first.map((s) => s.text)).toEqual(['CREATE DATABASE IF NOT EXISTS evolution']);
  });

  it('create only what is not there yet', () => {
    const creating = STATEMENTS.filter((s) => /^(CREATE|INSERT)\b/.test(s.text));
    expect(creating.length).toBeGreaterThan(5);
    for (const { text } of creating) expect(text).toMatch(/IF NOT EXISTS|ON CONFLICT \(\w+\) DO NOTHING$/);
  });

  it.skipIf(!canParse('sql/*.sql'))("parse under CockroachDB's grammar", { timeout: 120_000 }, async () => {
    // Of the seed rows, which are all alike (see below), one is enough: hundreds keep this parser busy for a minute.
    const texts = STATEMENTS.map((s) => s.text.replace(/(\n {2}(\('[^']*', \d+\),|--.*))+/, ''));
    expect(await parse(texts)).toBe(`${STATEMENTS.length} parsed, 0 not\n`);
  });
});

describe('the seed rows of search_terms', () => {
  const insert = STATEMENTS.find((s) => s.text.startsWith('INSERT INTO search_terms'));
  const lines = (insert?.text ?? '').split('\n').filter((line) => !line.startsWith('  --'));
  const rows = lines.slice(1, -1).map((line) => /^ {2}\('([^']+)', \d+\),?$/.exec(line));
  const terms = rows.map((row) => row?.[1] ?? '');

  it('are all of one form', () => {
    expect(rows).not.toContain(null);
  });

  it('are a few hundred lower-case terms, each once', () => {
    expect(terms.length).toBeGreaterThanOrEqual(300);
    expect(terms.length).toBeLessThanOrEqual(400);
    expect(new Set(terms).size).toBe(terms.length);
    for (const term of terms) expect(term).toMatch(/^[a-z0-9][a-z0-9 -]*$/);
  });

  it('share prefixes, so that a search finds several', () => {
    const matches = (prefix: string) => terms.filter((t) => t.startsWith(prefix)).length;
    for (const prefix of ['login', 'laptop', 'wireless', 'co', 'ga'])
      expect(matches(prefix)).toBeGreaterThan(4);
  });
});

describe('the replication of each phase', () => {
  const ZONES = ['RANGE default', 'RANGE meta', 'RANGE liveness', 'RANGE system', 'DATABASE system'];

  it.each([
    ['01-phase0-rf1.sql', 1, 1],
    ['11-phase1-rf2.sql', 2, 1],
    ['20-phase2-rf3.sql', 3, 3],
  ])('%s sets %i copies, %i of them voting, in every zone that names a factor', (file, replicas, voters) => {
    const expected = ZONES.map(
      (zone) => `ALTER ${zone} CONFIGURE ZONE USING num_replicas = ${replicas}, num_voters = ${voters}`,
    );
    const statements = readStatements(file);
    expect(statements.map((s) => s.text)).toEqual(expected);
    for (const { cockroachOnly } of statements) expect(cockroachOnly).not.toBeNull();
  });
});
