import { execFile, execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

/**
 * CockroachDB's own grammar, where it can be had: a program that is called as `PROGRAM -e 'STATEMENT; ...'`, and prints a line for each
 * statement that does not parse and then `<n> parsed, <m> not`. The environment variable CRDB_SQL names it.
 */
const PROGRAM = resolve(process.env.CRDB_SQL ?? resolve(__dirname, '../../../shared/oracles/crdb-sql'));

const problem = tryOut();

/** Whether statements can be parsed here. When not, it says so once, and what is not looked at. */
export function canParse(what: string): boolean {
  if (problem !== null)
    console.warn(`SKIPPED: whether ${what} parses under CockroachDB's grammar (CRDB_SQL). ${problem}`);
  return problem === null;
}

/** What the grammar says, a line each; `<n> parsed, 0 not` alone when all of them parse. */
export function parse(statements: readonly string[]): Promise<string> {
  return new Promise((done) =>
    execFile(PROGRAM, ['-e', statements.join(';\n')], (_, stdout, stderr) => done(stdout + stderr)),
  );
}

function tryOut(): string | null {
  try {
    execFileSync(PROGRAM, ['-e', 'SELECT 1'], { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
    return null;
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    const last = (stderr ?? '').trim().split('\n').at(-1);
    return code === 'ENOENT' ? `There is no ${PROGRAM}.` : `${PROGRAM} does not work: ${last || code}`;
  }
}
