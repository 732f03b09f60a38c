import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { fault } from '../errors.ts';
import { processLooksLike } from '../pulumi/processes.ts';

interface Holder {
  readonly pid: number;
  readonly hostname: string;
  readonly username: string;
  readonly command: string;
  readonly since: string;
  /** The command that it runs, if any: it outlives its holder. */
  readonly child?: number;
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
export function takeLock(directory: string, command: string): Lock {
  const file = lockFile(directory);
  const mine: Holder = {
    pid: process.pid,
    hostname: hostname(),
    username: userInfo().username,
    command,
    since: new Date().toISOString(),
  };
  mkdirSync(dirname(file), { recursive: true });
  let stale: { readonly orphan: number | undefined } | undefined;
  for (;;) {
    try {
      writeFileSync(file, JSON.stringify(mine), { flag: 'wx' });
      return {
        takenOver: stale !== undefined,
        orphan: stale?.orphan,
        working: (child) => writeFileSync(file, JSON.stringify({ ...mine, child })),
        release: () => rmSync(file, { force: true }),
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    stale = removeStale(file);
  }
}

export const isPulumi = (pid: number) => processLooksLike(pid, /pulumi/);

function removeStale(file: string): { readonly orphan: number | undefined } {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const holder = parse(text);
  if (holder !== undefined) {
    const who = `${holder.command}, process ${holder.pid} of ${holder.username} on ${holder.hostname}, since ${holder.since}`;
    if (holder.hostname !== hostname()) throw fault('EVO-206', { who, next: `If it has: rm ${file}` });
    if (processLooksLike(holder.pid, /main\.ts/)) throw fault('EVO-205', { who });
  }
  const { child } = holder ?? {};
  const found = { orphan: child !== undefined && isPulumi(child) ? child : undefined };
  // Moved away first, so that of two that find it stale only one removes it.
  const aside = `${file}.${process.pid}`;
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

/** undefined for a file that was being written when its writer was killed. */
function parse(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}
