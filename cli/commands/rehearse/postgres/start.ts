import { Postgres } from '../../../lib/postgres/postgres.ts';
import type { DemoParts, StartedDemo } from '../stage/setup.ts';
import { PostgresDemo } from './demo.ts';

/** An embedded PostgreSQL, with the app's tables. */
export async function startPostgres({ scratch, cleanup, step }: DemoParts): Promise<StartedDemo> {
  const postgres = await Postgres.create(scratch.path('postgres'));
  step(`PostgreSQL: data is laid out; its log: ${postgres.logFile}`);
  cleanup.add(() => postgres.stop());
  await postgres.start();
  scratch.record('PostgreSQL', postgres.pid ?? 0, 'SIGQUIT');
  step(`PostgreSQL: listens on port ${postgres.port}`);
  const demo = await PostgresDemo.create(postgres, scratch);
  step('PostgreSQL: sql/00-bootstrap.sql is applied');
  // The embedded reader is not behind: a write that it does not have at once is looked into.
  return { demo, died: new AbortController().signal, allowanceSeconds: 2 };
}
