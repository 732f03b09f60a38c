import { join, relative } from 'node:path';
import { CliError, cliError } from '../../lib/errors.ts';
import { findPhase } from '../../lib/phase/find.ts';
import { readPhases } from '../../lib/phase/settings.ts';
import { handOver, movesTo } from '../../lib/pulumi/hand-over.ts';
import { clearPending } from '../../lib/pulumi/repair.ts';
import { readStates } from '../../lib/pulumi/stacks.ts';
import type { StackState } from '../../lib/pulumi/state.ts';
import { type ClusterRecording, recordCluster } from '../../lib/recording/record-cluster.ts';
import type { StepReport } from '../../lib/report/step.ts';
import { adoption } from '../../lib/step/adoption.ts';
import { begin, type Step } from '../../lib/step/begin.ts';
import { type Dependencies, REAL_DEPENDENCIES } from '../../lib/step/dependencies.ts';
import { mark, markStep } from '../../lib/step/witness.ts';
import { ask, askToGoOn } from '../../ui/prompt.ts';
import type { Stop } from '../../ui/stop.ts';
import type { Terminal } from '../../ui/terminal.ts';
import { announce } from './announce.ts';
import { conclude } from './conclude.ts';
import { harm, type Preview } from './preview.ts';
import { described } from './show.ts';
import { stopwatch } from './stages.ts';
import { up } from './up.ts';

export interface EvolveOptions {
  readonly target: string;
  readonly skip: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  /** Whether the whole preview is shown, and not only the changes. */
  readonly verbose: boolean;
  readonly color: boolean;
  /** Where progress is shown. */
  readonly out: NodeJS.WriteStream;
}

/** What a run came to. A dry run has no report. */
export interface Evolved {
  readonly plan: string;
  readonly preview: Preview;
  /** File with the text of `pulumi preview --diff`. */
  readonly previewLog: string;
  readonly report: StepReport | null;
  /** Files of the report, and the recording of the page. */
  readonly files: readonly string[];
}

/**
 * One step of the evolution: check, hand over, preview, confirm, up, report. Run again after it was ended anywhere, it goes on from
 * where the state and the cluster are. Throws a CliError.
 */
export async function evolve(
  options: EvolveOptions,
  terminal: Terminal,
  dependencies: Dependencies = REAL_DEPENDENCIES,
): Promise<Evolved> {
  const command = `npm run evolve -- ${options.target}${options.skip ? ' --skip' : ''}`;
  findPhase(readPhases(dependencies.directory), options.target, 'evolve');
  if (!options.yes && !options.dryRun && !process.stdin.isTTY)
    throw cliError('EVO-104', { command: `${command} --yes` });
  await dependencies.checkPassphrase();
  const stop = dependencies.listenForStop();
  const position: Position = { state: 'Nothing was changed', recording: null };
  let step: Step | undefined;
  try {
    terminal.heading('1 check');
    const clock = stopwatch();
    step = await begin({ ...options, command: 'evolve' }, terminal, stop, dependencies);
    clock('check');
    return await take(step, options, command, terminal, stop, position, clock, dependencies);
  } catch (error) {
    if (stop.signal.aborted && !(error instanceof CliError && error.code === 'EVO-505'))
      throw cliError('EVO-505', { state: position.state, command }, stop.exitCode);
    throw error;
  } finally {
    await position.recording?.stop();
    await step?.end();
    stop.end();
  }
}

/** How far a step is. */
interface Position {
  /** What is true when it is interrupted now. */
  state: string;
  /** What the page is sent is kept from the update on. */
  recording: ClusterRecording | null;
}

async function take(
  step: Step,
  options: EvolveOptions,
  command: string,
  terminal: Terminal,
  stop: Stop,
  position: Position,
  clock: ReturnType<typeof stopwatch>,
  dependencies: Dependencies,
): Promise<Evolved> {
  const { pulumi, target, plan } = step;
  const startedAt = new Date();
  const from = plan.kind === 'fresh' ? null : plan.from;
  terminal.good(described(step));

  terminal.heading('2 hand over');
  const moves = movesTo(step.states, target.stack);
  if (moves.length === 0)
    terminal.line(
      plan.kind === 'fresh' ? 'Nobody owns anything yet.' : `${target.stack} owns everything already.`,
    );
  if (!options.dryRun) position.state = 'The hand-over may be half done; nothing in the cluster was changed';
  await handOver(pulumi, step.states, target.stack);
  for (const { from, count } of moves)
    terminal.line(`${target.stack} owns the ${count} resources of ${from} now.`);
  if (!options.dryRun) position.state = `${target.stack} owns the state; nothing in the cluster was changed`;
  clock('hand over');
  stop.signal.throwIfAborted();

  terminal.heading('3 preview');
  const own = (await readStates(pulumi, [target.stack]))[0];
  const env = adoption([...step.states, ...(own === undefined ? [] : [own])]);
  const untouched = options.dryRun
    ? 'Nothing was changed'
    : `${target.stack} owns the state now; nothing in the cluster was changed`;
  const stamp = startedAt.toISOString().replace(/[:.]/g, '-').slice(0, 19);
  const reports = relative(process.cwd(), join(pulumi.directory, 'reports')) || '.';
  const base = join(reports, `${stamp}-${target.stack}`);
  const asks = !options.yes && !options.dryRun;
  const { rows = 24, columns = 80 } = options.out;
  const announced = await announce(
    step,
    {
      env,
      log: `${base}-preview.log`,
      color: options.color,
      screen: asks && options.out.isTTY ? { rows, columns } : undefined,
      next: `Put that right, then: ${command}. ${untouched}`,
    },
    terminal,
    dependencies,
  );
  const { seen } = announced;
  const view = () => options.out.write(`\n${announced.text}\n`);
  if (options.verbose) view();
  clock('preview');
  const harmful = harm(seen.changes);
  if (harmful.length > 0)
    throw cliError('EVO-502', {
      resources: harmful.join(', '),
      state: untouched,
      command: options.dryRun ? `${command} --dry-run` : command,
      stack: target.stack,
    });
  const result = {
    plan: plan.kind,
    preview: seen,
    previewLog: `${base}-preview.log`,
    report: null,
    files: [],
  };
  if (options.dryRun) {
    terminal.good(
      '\nA dry run ends here. It worked on a copy of the state: the stacks and the cluster are as they were.',
    );
    return result;
  }
  if (seen.changes.length === 0 && plan.kind !== 'resume') {
    terminal.good(`\nNothing to change: ${target.stack} is where the cluster is.`);
    await clearAll(step, own, terminal);
    return result;
  }

  terminal.heading('4 confirm');
  if (options.yes) terminal.line('Confirmed by --yes.');
  else if (!(await askToGoOn(`pulumi up -s ${target.stack}?`, view, (question) => ask(question, stop))))
    throw stop.signal.aborted
      ? stop.signal.reason
      : cliError('EVO-504', {
          next:
            from === null
              ? command
              : `To go on: ${command}. To hand the state back: npm run handover -- ${from}`,
        });
  clock.skip();

  terminal.heading('5 up');
  if (from !== null) {
    position.recording = recordCluster(target, `${base}.ndjson`, terminal, dependencies.withCluster);
    await mark(target, 'phase', target.stack, terminal, dependencies);
    await markStep(target, 'begin', terminal, dependencies);
  }
  position.state = 'The update was told to end, and what it had begun is recorded in the state';
  const marks: Promise<void>[] = [];
  const stages = await up(pulumi, target, {
    terminal,
    out: options.out,
    env,
    log: `${base}.log`,
    command,
    signal: stop.signal,
    withCluster: dependencies.withCluster,
    onBackup: () =>
      marks.push(
        from === null
          ? Promise.resolve()
          : mark(target, 'backup', `before-${target.stack}`, terminal, dependencies),
      ),
  }).finally(() => (from === null ? undefined : markStep(target, 'end', terminal, dependencies)));
  await Promise.all(marks);
  if (from === null) await mark(target, 'phase', target.stack, terminal, dependencies);
  await clearAll(step, (await readStates(pulumi, [target.stack]))[0], terminal);
  clock('up');

  terminal.heading('6 witness');
  const taken = {
    startedAt,
    from,
    stages: [
      ...clock.stages.filter(({ name }) => name !== 'up'),
      ...stages,
      ...clock.stages.filter(({ name }) => name === 'up'),
    ],
    seen,
    base,
  };
  const { report, files } = await conclude(step, taken, terminal, dependencies);
  const recording = await position.recording?.stop();
  if (!report.ok) throw cliError('EVO-506', { problems: report.problems.join('; '), report: `${base}.html` });
  return { ...result, report, files: [...files, ...(recording ? [recording] : [])] };
}

/**
 * Nothing is pending once the step is at its end, in the stacks that it has taken the resources from neither: what was left there would
 * make every later step believe that this one is not finished.
 */
async function clearAll(
  { pulumi, target, states }: Step,
  own: StackState | undefined,
  terminal: Terminal,
): Promise<void> {
  const others = states.filter(({ stack }) => stack !== target.stack);
  for (const state of own === undefined ? others : [...others, own])
    await clearPending(pulumi, terminal, state);
}
