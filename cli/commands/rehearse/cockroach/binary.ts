import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { cliError } from '../../../lib/errors.ts';
import { CommandFailed, run } from '../../../lib/machine/processes.ts';

/** A program `cockroach` that can run here. */
export interface Binary {
  readonly path: string;
  /** e.g. `v26.2.5`. */
  readonly version: string;
}

/** The statements of `sql/` are written for it: an older one refuses some of them. */
export const OLDEST = 'v26.2.0';
/** Of the year that this was written against; what comes later was not. */
const KNOWN = 'v26.2';

type Environment = Readonly<Record<string, string | undefined>>;

/** The file that `COCKROACH` names, or else the first `cockroach` on PATH. Null when there is none. */
export function findCockroach(environment: Environment): string | null {
  const named = environment.COCKROACH;
  if (named !== undefined && named !== '') return resolve(named);
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, 'cockroach')).find(isProgram) ?? null;
}

/** Asks a program for its version. Throws a CliError when there is none, it is another program, or it is too old. */
export async function checkCockroach(path: string | null): Promise<Binary> {
  if (path === null) throw unusable('there is no cockroach on PATH');
  if (!isProgram(path)) throw unusable(`${path} is not an executable program`);
  const text = await run(path, ['version', '--build-tag'], { env: cleanEnvironment() }).catch((error) => {
    const output = error instanceof CommandFailed ? error.output.split('\n')[0] : '';
    throw unusable(`${path} does not report its version: ${output || (error as Error).message}`);
  });
  const [version] = /v\d+\.\d+\.\d+\S*/.exec(text) ?? [];
  if (version === undefined)
    throw unusable(
      `${path} is not CockroachDB: "version --build-tag" printed ${JSON.stringify(text.trim().slice(0, 80))}`,
    );
  if (isOlder(version, OLDEST))
    throw unusable(
      `${path} is CockroachDB ${version}, and the statements of this project need ${OLDEST} or newer`,
    );
  return { path, version };
}

const unusable = (problem: string) => cliError('EVO-911', { problem });

/** A warning about a version newer than those that this was written for, or null. */
export function versionNote({ version }: Binary): string | null {
  return version.startsWith(`${KNOWN}.`)
    ? null
    : `CockroachDB ${version} is newer than ${KNOWN}, for which this was written: something may differ.`;
}

/** This process's environment without what would reach the database's programs: settings for another cluster. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(COCKROACH|PG)/.test(name));
  // A rehearsal reports nothing to anybody.
  return { ...Object.fromEntries(kept), COCKROACH_SKIP_ENABLING_DIAGNOSTIC_REPORTING: 'true' };
}

function isOlder(version: string, than: string): boolean {
  const numbers = (text: string) => (text.match(/\d+/g) ?? []).slice(0, 3).map(Number);
  const [a, b] = [numbers(version), numbers(than)];
  const at = a.findIndex((n, i) => n !== b[i]);
  // The first of a release carries no mark of being one; `v26.2.0-beta.1` does, and comes before it.
  if (at < 0) return version.startsWith(`${than}-`);
  return (a[at] ?? 0) < (b[at] ?? 0);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
