import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { skipToken } from './tokens.ts';
import { usedDatabase } from './use.ts';

/** One statement of a file, as it is sent to a database. */
export interface Statement {
  /** Without the comments above it and without the closing semicolon. */
  readonly text: string;
  /** Name of the file, e.g. `00-bootstrap.sql`. */
  readonly file: string;
  /** Line of the statement's first word, from 1. */
  readonly line: number;
  /** The database that the last `USE` above it names; null where any database will do. */
  readonly database: string | null;
  /** Why PostgreSQL does not run this statement, from `-- cockroachdb only: <why>` right above it; null if it does. */
  readonly cockroachOnly: string | null;
}

const DIRECTIVE = /^--\s*cockroachdb only\b:?\s*(.*)$/i;

/** The statements of one of the files in this directory, e.g. `readStatements('00-bootstrap.sql')`. */
export function readStatements(file: string): Statement[] {
  return splitStatements(readFileSync(join(__dirname, file), 'utf8'), file);
}

/**
 * Cuts SQL text at the semicolons that end statements. Quotes, dollar quotes and comments are respected.
 * @throws with file and line when a quote or comment is not closed, or a directive says nothing or stands above nothing.
 */
export function splitStatements(sql: string, file: string): Statement[] {
  const name = basename(file);
  const statements: Statement[] = [];
  let database: string | null = null;
  let position = 0;
  while (position < sql.length) {
    const above = skipComments(sql, position, name);
    const start = above.end;
    const end = findEnd(sql, start, name);
    const text = sql.slice(start, end).trimEnd();
    if (text !== '') {
      database = usedDatabase(text) ?? database;
      const line = lineOf(sql, start);
      statements.push({ text, file: name, line, database, cockroachOnly: above.directive?.why ?? null });
    } else if (above.directive !== null) {
      throw new Error(`${name}:${above.directive.line}: a directive with no statement right below it`);
    }
    position = end + 1;
  }
  return statements;
}

/** The words that an operator recognises a statement by: its first line, shortened. */
export function summary(statement: Statement): string {
  const first = statement.text.split('\n', 1)[0] ?? '';
  const whole = first === statement.text && first.length <= 100;
  return whole ? first : `${first.slice(0, 97).replace(/\s*\($/, '')} ...`;
}

interface Above {
  readonly end: number;
  readonly directive: { readonly why: string; readonly line: number } | null;
}

/** Passes the space and comments above a statement. A directive holds if no blank line lies between it and the statement. */
function skipComments(sql: string, from: number, file: string): Above {
  let directive: Above['directive'] = null;
  let position = from;
  for (;;) {
    const space = /\s*/y;
    space.lastIndex = position;
    const gap = space.exec(sql)?.[0] ?? '';
    if (directive !== null && gap.split('\n').length > 2) {
      throw new Error(`${file}:${directive.line}: a directive with no statement right below it`);
    }
    position += gap.length;
    if (!sql.startsWith('--', position) && !sql.startsWith('/*', position))
      return { end: position, directive };
    const end = skipToken(sql, position, file);
    const comment = DIRECTIVE.exec(sql.slice(position, end).trimEnd());
    if (comment !== null) {
      const line = lineOf(sql, position);
      if (!comment[1]) throw new Error(`${file}:${line}: "-- cockroachdb only:" must say why`);
      directive = { why: comment[1], line };
    }
    position = end;
  }
}

function findEnd(sql: string, from: number, file: string): number {
  let position = from;
  while (position < sql.length && sql[position] !== ';') position = skipToken(sql, position, file);
  return position;
}

function lineOf(sql: string, position: number): number {
  return sql.slice(0, position).split('\n').length;
}
