import type { Statement } from '../../sql/statements.ts';
import { usedDatabase } from '../../sql/use.ts';
import type { Sql } from './sql.ts';

/** A file of `sql/` as the input of a provider. It is flat, so that a preview shows little but the statement that changes. */
export interface Script {
  /** The file's name. */
  readonly file: string;
  /** The line of each statement, e.g. `10 13 16`. */
  readonly lines: string;
  readonly statements: readonly string[];
}

/** The statements of a file, as a provider is given them. */
export function scriptOf(file: string, statements: readonly Statement[]): Script {
  return {
    file,
    lines: statements.map(({ line }) => line).join(' '),
    statements: statements.map(({ text }) => text),
  };
}

/**
 * Runs a script's statements one by one, each in a transaction of its own, and after a `USE` in the database that it names.
 * Throws with the file and line of a statement that failed.
 */
export async function runScript(sql: Sql, { file, lines, statements }: Script): Promise<void> {
  const lineOf = lines.split(' ');
  let database: string | null = null;
  for (const [index, text] of statements.entries()) {
    database = usedDatabase(text) ?? database;
    try {
      await sql.query({ text, database });
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      const state = code === undefined ? '' : ` (SQLSTATE ${code})`;
      throw new Error(
        `sql/${file}:${lineOf[index]}: ${message}${state}. What stands above it has run; all of it can be run again.`,
        { cause: error },
      );
    }
  }
}
