import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { makeFolder } from '../machine/folders.ts';
import { type Machine, THIS_MACHINE } from './processes.ts';

/** Where the state lies, by PULUMI_BACKEND_URL or else `Pulumi.yaml`; undefined for the one that `pulumi login` chose. */
export function backendUrl(directory: string): string | undefined {
  const project = parse(readFileSync(join(directory, 'Pulumi.yaml'), 'utf8')) as {
    backend?: { url?: string };
  };
  return process.env.PULUMI_BACKEND_URL || project.backend?.url;
}

/** The folder of a backend of files, made if it is missing; undefined for every other backend. */
export function stateFolder(directory: string): string | undefined {
  const url = backendUrl(directory);
  if (!url?.startsWith('file://')) return undefined;
  const path = decodeURIComponent(url.slice('file://'.length).replace(/\?.*$/, ''));
  const folder = path.startsWith('~') ? join(homedir(), path.slice(1)) : resolve(directory, path);
  makeFolder(folder);
  return folder;
}

/** Who holds a stack, by Pulumi's own lock file. */
export interface StackLock {
  readonly stack: string;
  readonly pid: number;
  readonly hostname: string;
  readonly username: string;
  readonly timestamp: string;
}

/** `stale`: its process is gone. `elsewhere`: it is on another machine, and cannot be asked from here. */
export type LockState = 'held' | 'stale' | 'elsewhere';

/** The locks of the project's stacks. Only a backend of files can be asked; with another, Pulumi itself refuses and says who holds it. */
export function readLocks(folder: string, project: string): StackLock[] {
  const root = join(folder, '.pulumi', 'locks', 'organization', project);
  return list(root).flatMap((stack) =>
    list(join(root, stack))
      .filter((file) => file.endsWith('.json'))
      .flatMap((file) => {
        try {
          const content = JSON.parse(readFileSync(join(root, stack, file), 'utf8')) as Omit<
            StackLock,
            'stack'
          >;
          return [{ ...content, stack }];
        } catch {
          // It was removed while it was read.
          return [];
        }
      }),
  );
}

export function lockState(
  lock: Pick<StackLock, 'pid' | 'hostname'>,
  machine: Pick<Machine, 'hostname' | 'looksLike'> = THIS_MACHINE,
): LockState {
  if (lock.hostname !== machine.hostname) return 'elsewhere';
  return machine.looksLike(lock.pid, /pulumi/) ? 'held' : 'stale';
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
