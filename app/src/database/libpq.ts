/**
 * Takes the variables of libpq (`PGOPTIONS`, `PGSSLNEGOTIATION`, `PGPASSFILE`, ...) out of the environment: `pg` reads some of them even where
 * the connection's settings say all, and a shell that was set up for `psql` must not change what the app does. To be called before `pg` is
 * loaded, as that reads one when it is.
 */
export function forgetLibpqVariables(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(environment))
    if (/^PG[A-Z]/.test(name) || name === 'NODE_PG_FORCE_NATIVE') delete environment[name];
}
