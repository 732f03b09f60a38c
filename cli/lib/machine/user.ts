import { execFileSync, spawnSync } from 'node:child_process';
import { lchownSync, lstatSync, readdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { cliError } from '../errors.ts';

/** The user that PostgreSQL runs as: empty for the current user, ids of another user when the current one is root. */
export interface PostgresUser {
  readonly uid?: number;
  readonly gid?: number;
}

/** PostgreSQL refuses to run as root, so an existing user of the system is used. None is created. */
export function postgresUser(): PostgresUser {
  if (process.getuid?.() !== 0) {
    refuseNameless();
    return {};
  }
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) =>
        Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // Not on this system: the next one.
    }
  }
  throw cliError('EVO-902', {
    problem: 'it does not run as root, and this system has neither a user "postgres" nor "nobody"',
    next: 'Run the same command as another user',
  });
}

/** `initdb` needs the name of its user, and with `docker run --user 54321` there is none. */
function refuseNameless(): void {
  try {
    userInfo();
  } catch {
    const [user, group] = [process.getuid?.(), process.getgid?.()];
    throw cliError('EVO-902', {
      problem: `it needs a user with a name, and user ${user} has no line in /etc/passwd`,
      next:
        `Run the same command as root (docker run --user 0) or as a user that the system knows, or add this one: ` +
        `echo 'rehearsal:x:${user}:${group}::/tmp:/bin/sh' >> /etc/passwd`,
    });
  }
}

/** Gives a file, or a folder with all that is in it, to the user. Does nothing when that is the current user. */
export function giveTo(user: PostgresUser, path: string): void {
  const { uid, gid } = user;
  if (uid === undefined || gid === undefined) return;
  lchownSync(path, uid, gid);
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) giveTo(user, join(path, name));
}

/** Whether the user can pass through a folder. */
export function mayEnter({ uid, gid }: PostgresUser, folder: string): boolean {
  if (uid === undefined || gid === undefined) return true;
  return spawnSync('/bin/sh', ['-c', 'cd -- "$0"', folder], { cwd: '/', uid, gid }).status === 0;
}
