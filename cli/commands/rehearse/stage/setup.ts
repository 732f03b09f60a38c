import { buildPage } from '../../../lib/machine/build-page.ts';
import type { Cleanup } from '../../../lib/machine/cleanup.ts';
import type { Scratch } from '../../../lib/machine/scratch.ts';
import type { Terminal } from '../../../ui/terminal.ts';
import { AppClient } from './app-client.ts';
import type { Demo } from './demo.ts';
import { computeInfrastructure } from './infrastructure.ts';
import type { Stage } from './stage.ts';
import { startApp } from './start-app.ts';

/** The database of a rehearsal once it runs, and what the app has to know of it. */
export interface StartedDemo {
  readonly demo: Demo;
  /** Aborted with a CliError when a part of it ends unexpectedly. */
  readonly died: AbortSignal;
  /** How old a reader's answer may be, in seconds. */
  readonly allowanceSeconds: number;
}

export interface SetUpOptions {
  readonly port: number;
  readonly spike: Stage['spike'];
  readonly verbose: boolean;
  /** Starts the database. What ends it is added to `cleanup` as soon as there is something to end. */
  readonly startDemo: (parts: DemoParts) => Promise<StartedDemo>;
}

/** What the database of a rehearsal is started with. */
export interface DemoParts {
  readonly scratch: Scratch;
  readonly cleanup: Cleanup;
  readonly interrupted: AbortSignal;
  /** A line about a step, which is shown when such lines are asked for. */
  readonly step: (text: string) => void;
  /** A line about something that is waited for. */
  readonly say: (text: string) => void;
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
  // Awaited before the load begins, whose results it would disturb.
  computing.catch(() => {});

  const say = (text: string) => terminal.quiet(text);
  const { demo, died, allowanceSeconds } = await options.startDemo({
    scratch,
    cleanup,
    interrupted,
    step,
    say,
  });

  if (await page) step('The page is built');
  const { app, port } = await startApp(
    options.port,
    {
      writerUrlFile: demo.urlFile('writer'),
      readerUrlFile: demo.urlFile('reader'),
      allowanceSeconds,
      logFile: scratch.path('app.log'),
    },
    (started) => {
      cleanup.add(() => started.stop());
      scratch.record('app', started.pid ?? 0, 'SIGTERM');
    },
    AbortSignal.any([interrupted, died]),
  );
  if (port !== options.port) terminal.warning(`Port ${options.port} is in use; taking ${port}.`);
  step(`The app: process ${app.pid}; its log: ${app.logFile}`);
  await app.ready(AbortSignal.any([interrupted, died]));

  const infrastructure = await computing;
  step('The program: what each phase changes is computed');

  const signal = AbortSignal.any([interrupted, app.died, died]);
  const { address } = app;
  return {
    app: new AppClient(address, signal),
    address,
    demo,
    infrastructure,
    spike: options.spike,
    kills: [],
    signal,
  };
}
