import { AppClient } from './app-client.ts';
import { AppProcess } from './app-process.ts';
import type { Cleanup } from './cleanup.ts';
import { Database } from './database.ts';
import { computeInfrastructure } from './infrastructure.ts';
import { buildPage } from './page.ts';
import { freePortFrom } from './ports.ts';
import { Postgres } from './postgres.ts';
import type { Scratch } from './scratch.ts';
import type { Stage } from './stage.ts';
import type { Terminal } from './terminal.ts';

export interface SetUpOptions {
  readonly port: number;
  readonly spike: Stage['spike'];
  readonly verbose: boolean;
}

/**
 * Starts the database and the app. What ends each part is added to `cleanup` as soon as there is something to end.
 * When `interrupted` is aborted, it throws the reason at the next step.
 */
export async function setUp(
  options: SetUpOptions,
  terminal: Terminal,
  scratch: Scratch,
  interrupted: AbortSignal,
  cleanup: Cleanup,
): Promise<Stage> {
  const step = (text: string) => {
    interrupted.throwIfAborted();
    if (options.verbose) terminal.quiet(text);
  };
  step(`Scratch directory: ${scratch.directory}`);
  const page = buildPage();
  // Awaited at the end either way: the database needs nothing of it.
  page.catch(() => {});
  cleanup.add(() =>
    page.then(
      () => {},
      () => {},
    ),
  );

  const computing = computeInfrastructure(interrupted);
  // Awaited before the load begins, whose figures it would disturb.
  computing.catch(() => {});

  const postgres = await Postgres.create(scratch.path('postgres'));
  step(`PostgreSQL: data is laid out; its log: ${postgres.logFile}`);
  cleanup.add(() => postgres.stop());
  await postgres.start();
  scratch.record('PostgreSQL', postgres.pid ?? 0, 'SIGQUIT');
  step(`PostgreSQL: listens on port ${postgres.port}`);

  const database = new Database(postgres, scratch.path('credentials'));
  await database.apply('00-bootstrap.sql');
  await database.setPassword('app_writer');
  for (const connection of ['writer', 'reader'] as const) database.writeUrl(connection, 'app_writer');
  step('PostgreSQL: sql/00-bootstrap.sql is applied');

  if (await page) step('The page is built');
  const port = await freePortFrom(options.port);
  if (port !== options.port) terminal.warning(`Port ${options.port} is in use; taking ${port}.`);
  interrupted.throwIfAborted();
  const app = new AppProcess({
    port,
    writerUrlFile: database.urlFile('writer'),
    readerUrlFile: database.urlFile('reader'),
    logFile: scratch.path('app.log'),
  });
  cleanup.add(() => app.stop());
  scratch.record('app', app.pid ?? 0, 'SIGTERM');
  step(`The app: process ${app.pid}; its log: ${app.logFile}`);
  await app.ready(interrupted);

  const infrastructure = await computing;
  step('The program: what each phase changes is computed');

  const signal = AbortSignal.any([interrupted, app.died]);
  const { address } = app;
  return {
    app: new AppClient(address, signal),
    address,
    database,
    infrastructure,
    spike: options.spike,
    signal,
  };
}
