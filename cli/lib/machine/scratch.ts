import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { cliError } from '../errors.ts';
import { endProcess, isRunning, type ProcessRef, processRef } from './processes.ts';
import { mayEnter, postgresUser } from './user.ts';

const PREFIX = 'crdb-evolution-rehearsal-';
const RUN_FILE = 'run.json';
/** A process that was just killed may still be writing a file. */
const REMOVE = { recursive: true, force: true, maxRetries: 10, retryDelay: 200 };

interface Child {
  readonly name: string;
  readonly process: ProcessRef;
  readonly signal: NodeJS.Signals;
}

interface RunFile {
  readonly owner: ProcessRef;
  readonly children: readonly Child[];
}

/**
 * The parent of the directories of all rehearsals: the system's temporary directory, which TMPDIR names, or /tmp when PostgreSQL's user
 * cannot enter that one, for example because it belongs to root alone. Throws a CliError when it can enter neither.
 */
export function scratchRoot(): string {
  const places = [tmpdir(), '/tmp'];
  const user = process.getuid?.() === 0 ? postgresUser() : {};
  const found = places.find((place) => mayEnter(user, place));
  if (found !== undefined) return found;
  throw cliError('EVO-902', {
    problem: `it does not run as root, and the user that it runs as (${user.uid}) may enter neither ${[...new Set(places)].join(' nor ')}`,
    next: 'chmod o+x on the folder, or TMPDIR=<a folder that everybody may enter> npm run rehearse',
  });
}

/** A directory of one rehearsal, and a record of the processes it started, for the clean-up after a rehearsal that was killed. */
export class Scratch {
  readonly directory: string;
  #children: readonly Child[] = [];

  constructor() {
    this.directory = mkdtempSync(join(scratchRoot(), PREFIX));
    // PostgreSQL does not run as root: its user must be able to pass through to its own directory in here.
    if (process.getuid?.() === 0) chmodSync(this.directory, 0o711);
    this.#write();
  }

  path(...names: string[]): string {
    return join(this.directory, ...names);
  }

  /** Records a process that was started. `signal` is what ends it quickly and safely. */
  record(name: string, pid: number, signal: NodeJS.Signals): void {
    const process = processRef(pid);
    if (process === null) return;
    this.#children = [...this.#children.filter((c) => c.name !== name), { name, process, signal }];
    this.#write();
  }

  remove(): void {
    rmSync(this.directory, REMOVE);
  }

  /** Removes all but the logs, for the diagnosis of a failure. The next rehearsal removes them. Returns where they are. */
  keepLogs(): string {
    const found = readdirSync(this.directory, { recursive: true, encoding: 'utf8' });
    const logs = found.filter((name) => name.endsWith('.log') && name !== basename(name));
    // CockroachDB puts a link with a shorter name beside each of its logs.
    for (const log of logs.filter((name) => lstatSync(this.path(name)).isFile()))
      renameSync(this.path(log), this.path(basename(log)));
    for (const entry of readdirSync(this.directory, { withFileTypes: true }))
      if (entry.isDirectory()) rmSync(this.path(entry.name), REMOVE);
    return this.directory;
  }

  #write(): void {
    const owner = processRef(process.pid);
    if (owner === null) throw new Error('cannot find the start time of this process');
    const content: RunFile = { owner, children: this.#children };
    writeFileSync(this.path(RUN_FILE), JSON.stringify(content), { mode: 0o600 });
  }
}

/**
 * Ends the processes and removes the directories of rehearsals that no longer run (they were killed, or kept their logs after a
 * failure). Returns a line for each.
 */
export async function cleanLeftovers(): Promise<string[]> {
  const lines: string[] = [];
  const root = scratchRoot();
  for (const name of readdirSync(root).filter((n) => n.startsWith(PREFIX))) {
    const directory = join(root, name);
    const run = readRunFile(directory);
    if (run === null || isRunning(run.owner)) continue;
    const ended: string[] = [];
    for (const child of run.children.filter((c) => isRunning(c.process))) {
      await endProcess(child.process, child.signal, 5_000);
      ended.push(`${child.name} (process ${child.process.pid})`);
    }
    rmSync(directory, REMOVE);
    const what = ended.length > 0 ? `ended ${ended.join(' and ')}, ` : '';
    lines.push(`Cleaned up after an earlier rehearsal: ${what}removed ${directory}`);
  }
  return lines;
}

/** Null when the directory is not one of this user's rehearsals. */
function readRunFile(directory: string): RunFile | null {
  try {
    const { uid } = lstatSync(directory);
    if (process.getuid !== undefined && uid !== process.getuid()) return null;
    return JSON.parse(readFileSync(join(directory, RUN_FILE), 'utf8')) as RunFile;
  } catch {
    return null;
  }
}
