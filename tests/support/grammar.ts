import { execFile, execFileSync } from 'node:child_process';

/**
 * CockroachDB's own grammar, where it can be had: a program that is called as `PROGRAM -e 'STATEMENT; ...'`, and prints a line for each
 * statement that does not parse and then `<n> parsed, <m> not`. The environment variable CRDB_SQL names it.
 */
const PROGRAM = process.env.CRDB_SQL ?? '';

const problem = tryOut();

/** Whether statements can be parsed here. When not, it says so once, and what is not looked at. */
export function canParse(what: string): boolean {
  if (problem !== null)
    console.warn(`SKIPPED: whether ${what} parses under CockroachDB's grammar. ${problem}`);
  return problem === null;
}

/** What the grammar says, a line each; `<n> parsed, 0 not` alone when all of them parse. */
export function parse(statements: readonly string[]): Promise<string> {
  return new Promise((done) =>
    execFile(PROGRAM, ['-e', statements.join(';\n')], (_, stdout, stderr) => done(stdout + stderr)),
  );
}

function tryOut(): string | null {
  if (PROGRAM === '') return 'CRDB_SQL names no program that knows it.';
  try {
    execFileSync(PROGRAM, ['-e', 'SELECT 1'], { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
    return null;
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    const last = (stderr ?? '').trim().split('\n').at(-1);
    return code === 'ENOENT'
      ? `There is no ${PROGRAM} (CRDB_SQL).`
      : `${PROGRAM} (CRDB_SQL) does not work: ${last || code}`;
  }
}
