import { describe, expect, it } from 'vitest';
import { splitStatements, summary } from './statements.ts';

const texts = (sql: string) => splitStatements(sql, 'x.sql').map((s) => s.text);

describe('splitStatements', () => {
  it('cuts at semicolons and says where each statement begins', () => {
    const statements = splitStatements('SELECT 1;\n\n  SELECT\n 2 ;\nSELECT 3', '/some/where/x.sql');
    expect(statements.map(({ text, file, line }) => ({ text, file, line }))).toEqual([
      { text: 'SELECT 1', file: 'x.sql', line: 1 },
      { text: 'SELECT\n 2', file: 'x.sql', line: 3 },
      { text: 'SELECT 3', file: 'x.sql', line: 5 },
    ]);
  });

  it('leaves semicolons in quotes alone', () => {
    expect(texts(`SELECT 'a;''b;', "c;""d;", E'e\\';f';SELECT 2`)).toEqual([
      `SELECT 'a;''b;', "c;""d;", E'e\\';f'`,
      'SELECT 2',
    ]);
  });

  it('takes a backslash in a plain string for a character', () => {
    expect(texts(`SELECT '\\';SELECT 2`)).toEqual([`SELECT '\\'`, 'SELECT 2']);
  });

  it('leaves dollar quotes alone, nested ones too, and does not see one inside a word or a parameter', () => {
    expect(texts('DO $$ a; $b$ c; $b$ $$; DO $x$ $$;$$ $x$; SELECT a$b$c; SELECT $1; SELECT 2')).toEqual([
      'DO $$ a; $b$ c; $b$ $$',
      'DO $x$ $$;$$ $x$',
      'SELECT a$b$c',
      'SELECT $1',
      'SELECT 2',
    ]);
  });

  it('leaves comments inside a statement alone and drops those outside', () => {
    expect(texts('-- a; b\n/* c; /* nested; */ d; */ SELECT 1 -- e; f\n + /* g; */ 2; -- end;\n')).toEqual([
      'SELECT 1 -- e; f\n + /* g; */ 2',
    ]);
  });

  it('finds no statement in nothing', () => {
    expect(texts('')).toEqual([]);
    expect(texts(' ;;\n; -- nothing\n')).toEqual([]);
  });

  it.each([
    ["SELECT 1;\nSELECT 'a", "x.sql:2: ' is never closed"],
    ['SELECT "a', 'x.sql:1: " is never closed'],
    ['DO $a$ $$', 'x.sql:1: $a$ is never closed'],
    ['\n\nSELECT 1 /* /* */', 'x.sql:3: /* is never closed'],
  ])('says where a quote or comment that stays open begins: %j', (sql, message) => {
    expect(() => texts(sql)).toThrow(message);
  });

  it('knows which statements are for CockroachDB only, and why', () => {
    const sql = '-- cockroachdb only: no zones\n-- in PostgreSQL\nALTER RANGE x; ALTER RANGE y;';
    expect(splitStatements(sql, 'x.sql').map((s) => s.cockroachOnly)).toEqual(['no zones', null]);
  });

  it.each([
    ['-- cockroachdb only: why\n\nSELECT 1;', 'x.sql:1: a directive with no statement right below it'],
    ['SELECT 1;\n-- cockroachdb only: why\n', 'x.sql:2: a directive with no statement right below it'],
    ['-- cockroachdb only:\nSELECT 1;', 'x.sql:1: "-- cockroachdb only:" must say why'],
    ['-- cockroachdb only\nSELECT 1;', 'x.sql:1: "-- cockroachdb only:" must say why'],
  ])('refuses a directive that says nothing or stands above nothing: %j', (sql, message) => {
    expect(() => texts(sql)).toThrow(message);
  });

  it('knows the database that USE chose', () => {
    const statements = splitStatements('CREATE DATABASE a; USE a; SELECT 1; use "b"; SELECT 2', 'x.sql');
    expect(statements.map((s) => s.database)).toEqual([null, 'a', 'a', 'b', 'b']);
  });
});

describe('summary', () => {
  const of = (sql: string) => splitStatements(sql, 'x.sql').map(summary)[0];

  it('is the statement itself when that is short, and its beginning when not', () => {
    expect(of('GRANT SELECT ON TABLE a TO b;')).toBe('GRANT SELECT ON TABLE a TO b');
    expect(of('CREATE TABLE a (\n  b TEXT\n);')).toBe('CREATE TABLE a ...');
    expect(of(`SELECT '${'x'.repeat(200)}'`)).toHaveLength(101);
  });
});
