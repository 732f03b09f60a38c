import manifest from '../../../package.json';
import { Cleanup } from '../../lib/machine/cleanup.ts';
import { freePortFrom } from '../../lib/machine/ports.ts';
import { cleanLeftovers, Scratch } from '../../lib/machine/scratch.ts';
import { tellOutages } from '../../lib/report/outage.ts';
import { Keyboard } from '../../ui/keyboard.ts';
import { Interrupted, listenForStop } from '../../ui/stop.ts';
import type { Terminal } from '../../ui/terminal.ts';
import { asCliError, showError } from '../run-command.ts';
import { playAll } from './auto.ts';
import { showTalkCard } from './card.ts';
import { chooseDatabase } from './choose.ts';
import { playAtKeyPress } from './interactive.ts';
import type { Outcome } from './outcome.ts';
import { servePresenter } from './presenter/presenter.ts';
import { keepRecording, unnamedRecording } from './recording.ts';
import { prepareFile, writeResults } from './results-file.ts';
import { SPIKE } from './script/script.ts';
import { showOutcome } from './show.ts';
import type { DatabaseKind } from './stage/demo.ts';
import { setUp } from './stage/setup.ts';
import type { Stage } from './stage/stage.ts';
import { feedTopology } from './stage/topology-feed.ts';

/** Well within the app's ceiling. */
const LONGEST_SPIKE_SECONDS = 60;
/** Of `auto`. */
const PHASE_SECONDS = 20;

export interface RehearseOptions {
  /** All phases without a keyboard. */
  readonly auto: boolean;
  /** Where the results are written, if anywhere. */
  readonly json: string | undefined;
  /** Where what the page is sent is kept. @default a file of its own in reports/ */
  readonly record: string | undefined;
  /** Of the page; the next free one is taken when it is in use. */
  readonly port: number;
  /** How long `auto` stays in each phase; a spike lasts half as long, with keys too. @default 20, and with keys the spike of the script */
  readonly phaseSeconds: number | undefined;
  readonly spikeRps: number;
  readonly verbose: boolean;
  /** Which database. @default PostgreSQL; where there is a terminal and a cockroach, the presenter is asked */
  readonly database: DatabaseKind | undefined;
  /** Whether the notes are on a page of their own, and not in the terminal. */
  readonly presenter: boolean;
  /** The node of CockroachDB that a kill takes, e.g. `n1`. @default the one that joined last */
  readonly killNode: string | undefined;
}

/**
 * Runs the rehearsal, cleans up after it, and writes the results, also of one that failed. Returns the exit code: 0 when it ended
 * as it should; 1 when it could not go on, a request failed, or something was lost; 128 plus the signal's number when it was
 * interrupted.
 */
export async function rehearse(options: RehearseOptions, terminal: Terminal): Promise<number> {
  const startedAt = new Date();
  // Never ended: an impatient second Ctrl-C must not stop the clean-up.
  const stop = listenForStop({ withOutput: true });
  const cleanup = new Cleanup();
  let stage: Stage | undefined;
  let readySeconds: number | null = null;
  let aborted = stop.signal;
  let scratch: Scratch | undefined;
  let outcome: Outcome | null = null;
  let exitCode: number;
  let problems: readonly string[] = [];
  try {
    const { json, record } = options;
    if (json !== undefined) prepareFile(json, '--json');
    if (record !== undefined) prepareFile(record, '--record');
    for (const line of await cleanLeftovers()) terminal.warning(line);
    const database = await chooseDatabase(options, terminal, stop.signal);
    scratch = new Scratch();
    terminal.quiet(`Starting ${database.title} and the app ...`);
    const { auto, phaseSeconds = auto ? PHASE_SECONDS : 2 * SPIKE.seconds } = options;
    const spike = { seconds: Math.min(LONGEST_SPIKE_SECONDS, phaseSeconds / 2), rps: options.spikeRps };
    const { startDemo } = database;
    stage = await setUp({ ...options, spike, startDemo }, terminal, scratch, stop.signal, cleanup);
    aborted = stage.signal;
    readySeconds = secondsSince(startedAt);
    const { kills } = stage;
    terminal.address('The page:', `${stage.address}/`);
    const presenter = options.presenter ? await servePresenter(await freePortFrom(options.port + 1)) : null;
    if (presenter !== null) {
      cleanup.add(() => presenter.stop());
      terminal.address("The presenter's page, for your own screen:", `${presenter.address}/`);
    }
    const chooseFile = () => record ?? unnamedRecording(startedAt);
    cleanup.add(await keepRecording(stage.address, chooseFile, terminal));
    const feeding = new AbortController();
    cleanup.add(() => feeding.abort());
    const until = AbortSignal.any([stage.signal, feeding.signal]);
    void feedTopology(stage, feeding.signal);
    const { app } = stage;
    const tell = (line: string) => {
      terminal.warning(line);
      presenter?.news(line);
    };
    void tellOutages(() => app.report(), tell, until);

    if (auto) {
      outcome = await playAll(terminal, stage, phaseSeconds, presenter);
      showOutcome(terminal, outcome, kills);
      await showTalkCard(terminal, stage);
    } else {
      const keyboard = new Keyboard(process.stdin, () => stop.press());
      cleanup.add(() => keyboard.close());
      outcome = await playAtKeyPress(terminal, stage, keyboard, presenter);
    }
    problems = outcome?.problems ?? [];
    exitCode = problems.length === 0 ? 0 : 1;
  } catch (error) {
    // After an abort, the reason of the abort counts, not the error that it caused.
    const cause = aborted.aborted ? aborted.reason : error;
    const shown = asCliError(cause, { state: 'Nothing is left behind', command: 'npm run rehearse' });
    exitCode = cause instanceof Interrupted ? cause.exitCode : (shown?.exitCode ?? 1);
    problems = [(shown ?? (cause as Error)).message];
    if (shown !== null) showError(shown);
    else if (!(cause instanceof Interrupted)) console.error(cause);
  }
  if (scratch !== undefined) await cleanUp(terminal, cleanup, scratch, exitCode === 1);
  if (options.json !== undefined && scratch !== undefined) {
    const seconds = secondsSince(startedAt);
    const versions = { project: manifest.version, node: process.version, ...stage?.demo.versions };
    const facts = { startedAt: startedAt.toISOString(), seconds, readySeconds, versions };
    writeResults(options.json, {
      ...outcome,
      ok: outcome !== null && problems.length === 0,
      problems,
      database: stage?.demo.results ?? null,
      kills: stage?.kills ?? [],
      ...facts,
    });
    terminal.line(`The results: ${options.json}`);
  }
  return exitCode;
}

async function cleanUp(
  terminal: Terminal,
  cleanup: Cleanup,
  scratch: Scratch,
  keepLogs: boolean,
): Promise<void> {
  terminal.quiet('\nCleaning up ...');
  const errors = await cleanup.run();
  for (const error of errors) terminal.bad(error.message);
  // What could not be ended is recorded there, and the next rehearsal tries again.
  if (errors.length > 0) terminal.bad(`Something is left over; it is recorded in ${scratch.directory}`);
  else if (keepLogs) terminal.line(`The logs stay in ${scratch.keepLogs()} until the next rehearsal.`);
  else scratch.remove();
}

function secondsSince(start: Date): number {
  return Math.round((Date.now() - start.getTime()) / 100) / 10;
}
