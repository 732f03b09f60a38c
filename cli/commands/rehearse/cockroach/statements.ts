/** What a rehearsal itself asks of CockroachDB, beside what the steps of the program send. */
export const REHEARSAL = {
  /** As `app_reader`: it must be refused. */
  tryToInsert: "INSERT INTO search_terms (term, popularity) VALUES ('rehearsal', 1)",
  logins: 'SELECT count(*) AS count FROM login_events',
} as const;
