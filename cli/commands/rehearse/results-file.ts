import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { cliError } from '../../lib/errors.ts';
import { makeFolder } from '../../lib/machine/folders.ts';
import type { Outcome } from './outcome.ts';
import type { KillResult } from './stage/kill.ts';

export interface Results extends Partial<Outcome> {
  readonly ok: boolean;
  readonly problems: readonly string[];
  readonly startedAt: string;
  /** From the start to the end, and to the page's address. */
  readonly seconds: number;
  readonly readySeconds: number | null;
  readonly versions: Readonly<Record<string, string>>;
  /** What the database says of itself: nodes, and on CockroachDB ranges, zones and the backup of each step. */
  readonly database: object | null;
  /** The nodes that were killed, and what the app felt of it. */
  readonly kills: readonly KillResult[];
}

/** Makes the file's directory. Throws a CliError when the file cannot be written: the user learns it now and not at the end. */
export function prepareFile(file: string, option: string): void {
  try {
    makeFolder(dirname(file));
    if (existsSync(file) && !statSync(file).isFile()) throw new Error('it is not a file');
    accessSync(existsSync(file) ? file : dirname(file), constants.W_OK);
  } catch (error) {
    throw cliError('EVO-944', { file, problem: (error as Error).message, option });
  }
}

export function writeResults(file: string, results: Results): void {
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}
