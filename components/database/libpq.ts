import { Client, type ClientConfig } from 'pg';

/** Whether a variable is one of libpq's, all of which `pg` or PostgreSQL's programs may read: PGHOST, PGSSLMODE, PGOPTIONS, ... */
export const isLibpq = (name: string) => name.startsWith('PG');

/** A client that is what its configuration says, whatever the environment of who starts this process names: that is for their `psql`. */
export function plainClient(config: ClientConfig): Client {
  const named = Object.entries(process.env).filter(([name]) => isLibpq(name));
  // `pg` reads them as the client is made, where the configuration says nothing, and has no other way to be told not to.
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
