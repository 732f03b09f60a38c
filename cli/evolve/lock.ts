import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { fault } from '../errors.ts';
import { type Machine, THIS_MACHINE } from '../pulumi/processes.ts';

interface Holder {
  readonly pid: number;
  readonly hostname: string;
  readonly username: string;
  readonly command: string;
  readonly since: string;
  /** The command that it runs, if any: it outlives its holder. */
  readonly child?: number | undefined;
}

export interface Lock {
  /** Whether it was taken over from a run that was killed. */
  readonly takenOver: boolean;
  /** The command that such a run has left behind, still at work. */
  readonly orphan: number | undefined;
  /** Notes the command that is run now. */
  working(child: number | undefined): void;
  release(): void;
}

const lockFile = (directory: string) => join(directory, '.state', 'evolve.lock');

/** One step at a time. Throws EVO-205 when another run is at work, and EVO-206 when it cannot be judged from here. */
export function takeLock(directory: string, command: string, machine: Machine = THIS_MACHINE): Lock {
  const file = lockFile(directory);
  const mine: Holder = {
    pid: machine.pid,
    hostname: machine.hostname,
    username: userInfo().username,
    command,
    since: new Date().toISOString(),
  };
  mkdirSync(dirname(file), { recursive: true });
  let stale: { readonly orphan: number | undefined } | undefined;
  for (;;) {
    // What the killed run has left at work stays noted, for whoever comes after this one.
    const own: Holder = stale?.orphan === undefined ? mine : { ...mine, child: stale.orphan };
    if (place(file, own, machine)) break;
    stale = removeStale(file, machine);
  }
  const isOurs = () => {
    const holder = existsSync(file) ? parse(readFileSync(file, 'utf8')) : undefined;
    return holder?.pid === mine.pid && holder.hostname === mine.hostname && holder.since === mine.since;
  };
  return {
    takenOver: stale !== undefined,
    orphan: stale?.orphan,
    working: (child) => {
      if (isOurs()) renameSync(written(file, { ...mine, child }, machine), file);
    },
    release: () => {
      if (isOurs()) rmSync(file, { force: true });
    },
  };
}

/** Writes the lock beside its place: somebody else who reads it never finds half of it, which would look like one that was left over. */
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

function removeStale(file: string, machine: Machine): { readonly orphan: number | undefined } {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const holder = parse(text);
  if (holder !== undefined) {
    const who = `${holder.command}, process ${holder.pid} of ${holder.username} on ${holder.hostname}, since ${holder.since}`;
    if (holder.hostname !== machine.hostname) throw fault('EVO-206', { who, next: `If it has: rm ${file}` });
    if (machine.looksLike(holder.pid, /main\.ts/)) throw fault('EVO-205', { who });
  }
  const { child } = holder ?? {};
  const found = { orphan: child !== undefined && machine.looksLike(child, /pulumi/) ? child : undefined };
  // Moved away first, so that of two that find it stale only one removes it.
  const aside = `${file}.${machine.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return found;
  }
  // Somebody else was quicker, and this is their new one.
  if (readFileSync(aside, 'utf8') !== text) renameSync(aside, file);
  else rmSync(aside, { force: true });
  return found;
}

/** undefined for a file that somebody else has damaged. */
function parse(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}
