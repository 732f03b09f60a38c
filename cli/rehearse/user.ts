import { execFileSync } from 'node:child_process';
import { Failure } from './failure.ts';

/** Whom PostgreSQL runs as: empty for whoever runs the rehearsal, ids of another user when that is root. */
export interface PostgresUser {
  readonly uid?: number;
  readonly gid?: number;
}

/** PostgreSQL refuses to run as root. A user that the system has already will do; none is made. */
export function postgresUser(): PostgresUser {
  if (process.getuid?.() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) =>
        Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // Not on this system: the next one.
    }
  }
  throw new Failure(
    'PostgreSQL does not run as root, and this system has neither a user "postgres" nor "nobody". Run the rehearsal as another user.',
  );
}
