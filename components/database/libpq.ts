import { Client, type ClientConfig } from 'pg';

/** Whether `pg` or PostgreSQL's programs may read the environment variable: PGHOST, PGSSLMODE, PGOPTIONS, ... */
export const isLibpq = (name: string) => name.startsWith('PG');

/** A client that follows its configuration only. The variables in a user's environment are meant for `psql`. */
export function plainClient(config: ClientConfig): Client {
  const named = Object.entries(process.env).filter(([name]) => isLibpq(name));
  // `pg` reads them when the client is created, wherever the configuration is silent, and has no option against that.
  for (const [name] of named) delete process.env[name];
  try {
    return new Client({ password: noPassword, ...config });
  } finally {
    Object.assign(process.env, Object.fromEntries(named));
  }
}

/** Without a password, `pg` would look for one in ~/.pgpass. */
async function noPassword(): Promise<string> {
  throw new Error(
    'the database requires a password, and this login has none: its certificate was not accepted',
  );
}
