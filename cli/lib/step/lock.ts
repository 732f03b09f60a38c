import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { cliError } from '../errors.ts';
import { makeFolder } from '../machine/folders.ts';
import { stateFolder } from '../pulumi/backend.ts';
import { type Machine, THIS_MACHINE } from '../pulumi/processes.ts';
import { type HeldLease, holdLease, type LeaseOptions, type LeaseStore } from './lease.ts';

interface Holder {
  readonly pid: number;
  readonly hostname: string;
  readonly username: string;
  readonly command: string;
  readonly since: string;
  /** The command that it runs, if any: the command outlives the holder. */
  readonly child?: number | undefined;
}

export interface Lock {
  /** Whether it was taken over from a run that was killed. */
  readonly takenOver: boolean;
  /** The command that such a run has left running on this machine. */
  readonly orphan: number | undefined;
  /** Records the command that runs now. */
  working(child: number | undefined): void;
  release(): Promise<void>;
}

export interface LockOptions extends Omit<LeaseOptions, 'isGone'> {
  /** Folder with `Pulumi.yaml`. */
  readonly directory: string;
  /** The command line. */
  readonly command: string;
  readonly machine?: Machine;
}

/** Next to the state, if it is kept in files: two checkouts that share it find each other's lock. */
const lockFile = (directory: string) =>
  join(stateFolder(directory) ?? join(directory, '.state'), 'evolve.lock');

/**
 * Allows one step at a time. The lease decides: it applies to every checkout and machine that works on the cluster. The lock file shows
 * at once, on one machine, whether its holder is alive and what a killed one left running. Throws EVO-205 when another run is active.
 */
export async function takeLock(store: LeaseStore, options: LockOptions): Promise<Lock> {
  const { directory, command, machine = THIS_MACHINE } = options;
  const file = lockFile(directory);
  const mine: Holder = {
    pid: machine.pid,
    hostname: machine.hostname,
    username: username(),
    command,
    since: new Date().toISOString(),
  };
  makeFolder(dirname(file));
  const before = read(file);
  if (before !== undefined && isAlive(before, machine)) throw cliError('EVO-205', { who: named(before) });
  const gone = before?.hostname === machine.hostname ? named(before) : undefined;
  const lease = await holdLease(store, named(mine), { ...options, isGone: (holder) => holder === gone });
  try {
    return withFile(file, mine, lease, machine);
  } catch (error) {
    await lease.release();
    throw error;
  }
}

function withFile(file: string, mine: Holder, lease: HeldLease, machine: Machine): Lock {
  let stale: { readonly orphan: number | undefined } | undefined;
  for (;;) {
    // The process that the killed run left running stays recorded, for the next run.
    const own: Holder = stale?.orphan === undefined ? mine : { ...mine, child: stale.orphan };
    if (place(file, own, machine)) break;
    stale = removeStale(file, machine);
  }
  const isOurs = () => {
    const holder = read(file);
    return holder?.pid === mine.pid && holder.hostname === mine.hostname && holder.since === mine.since;
  };
  return {
    takenOver: lease.takenOver || stale !== undefined,
    orphan: stale?.orphan,
    working: (child) => {
      if (isOurs()) renameSync(written(file, { ...mine, child }, machine), file);
    },
    release: async () => {
      if (isOurs()) rmSync(file, { force: true });
      await lease.release();
    },
  };
}

const named = ({ command, pid, username, hostname, since }: Holder) =>
  `${command}, process ${pid} of ${username} on ${hostname}, since ${since}`;

const isAlive = ({ hostname, pid }: Holder, machine: Machine) =>
  hostname === machine.hostname && machine.looksLike(pid, /main\.ts/);

/** Not every user has a name: `docker run --user 54321`. */
function username(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.()}`;
  }
}

/** Writes the lock to a temporary file first: another process never reads half of it, which would look stale. */
function written(file: string, holder: Holder, { pid }: Machine): string {
  const beside = `${file}.${pid}.new`;
  writeFileSync(beside, JSON.stringify(holder));
  return beside;
}

/** Returns false when there is a lock already. */
function place(file: string, holder: Holder, machine: Machine): boolean {
  const beside = written(file, holder, machine);
  try {
    linkSync(beside, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(beside, { force: true });
  }
}

/** A lock of another machine is stale as well: with the lease held, no other step is active. */
function removeStale(file: string, machine: Machine): { readonly orphan: number | undefined } {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const holder = parse(text);
  if (holder !== undefined && isAlive(holder, machine)) throw cliError('EVO-205', { who: named(holder) });
  const child = holder?.hostname === machine.hostname ? holder.child : undefined;
  const found = { orphan: child !== undefined && machine.looksLike(child, /pulumi/) ? child : undefined };
  // Moved away first, so that of two processes that find it stale only one removes it.
  const aside = `${file}.${machine.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return found;
  }
  // Another process was quicker, and this is its new lock.
  if (readFileSync(aside, 'utf8') !== text) renameSync(aside, file);
  else rmSync(aside, { force: true });
  return found;
}

const read = (file: string) => (existsSync(file) ? parse(readFileSync(file, 'utf8')) : undefined);

/** undefined for a damaged file. */
function parse(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}
