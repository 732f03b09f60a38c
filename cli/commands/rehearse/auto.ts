import { setTimeout as sleep } from 'node:timers/promises';
import type { Terminal } from '../../ui/terminal.ts';
import { isPlayable, PHASES, play } from './beats.ts';
import { judge, type Outcome } from './outcome.ts';
import type { Presenter } from './presenter/presenter.ts';
import { SCRIPT } from './script/script.ts';
import { showInfrastructure, showPlayed } from './show.ts';
import type { ScriptBeat } from './stage/beat.ts';
import { describeSpike } from './stage/spikes.ts';
import type { Stage } from './stage/stage.ts';

/** The witness asks for all of its writes every ten seconds. */
const WITNESS_MS = 25_000;

/**
 * Plays every beat of the talk without a keyboard, each phase for about `phaseSeconds`, its spike in the middle, and judges the report. What
 * follows the death of the only node is an outage, and is counted apart. `presenter`: told of each beat, if there is one.
 */
export async function playAll(
  terminal: Terminal,
  stage: Stage,
  phaseSeconds: number,
  presenter: Presenter | null,
): Promise<Outcome> {
  const pause = (): Promise<void> =>
    sleep(((phaseSeconds - stage.spike.seconds) / 2) * 1000, undefined, { signal: stage.signal });
  const problems: string[] = [];
  presenter?.begin();
  for (const [index, beat] of SCRIPT.entries()) {
    if (!['phase', 'spike', 'kill'].includes(beat.plays) || !isPlayable(beat, stage)) continue;
    presenter?.show(index, 'running');
    if (beat.plays === 'phase') await playPhase(terminal, stage, beat);
    else await playMoment(terminal, stage, beat);
    presenter?.show(index, 'after');
    if (beat.plays !== 'kill') await pause();
  }
  await stage.app.stopLoad();
  problems.push(...(await untilConfirmed(stage)));
  // The report first: what is acknowledged by then must be in the table after that.
  const report = await stage.app.report();
  const logins = report.periods.reduce(
    (total, { requests: { login } }) => total + login.requests - login.errors,
    0,
  );
  const rows = await stage.demo.loginEvents();
  if (rows < logins) problems.push(`${logins} logins were answered with success, and the table has ${rows}`);
  const played = PHASES;
  const outcome = judge(report, played);
  const spikeless = played.filter((p) => !outcome.phases.some((f) => f.phase === p && f.spikes.length > 0));
  problems.push(...spikeless.map((phase) => `${phase}: no spike was measured`));
  return {
    ...outcome,
    ok: outcome.ok && problems.length === 0,
    problems: [...outcome.problems, ...problems],
  };
}

async function playPhase(terminal: Terminal, stage: Stage, beat: ScriptBeat): Promise<void> {
  terminal.heading(beat.title);
  showInfrastructure(terminal, beat, stage);
  showPlayed(terminal, beat, stage, await play(beat, stage));
}

/** A spike, or the death of a node. */
async function playMoment(terminal: Terminal, stage: Stage, beat: ScriptBeat): Promise<void> {
  terminal.line();
  const { done, spike } = await play(beat, stage);
  for (const line of done) terminal.line(`${beat.title}. ${line}`);
  if (spike !== undefined) terminal.line(describeSpike(await spike.over));
}

/** Waits until the witness has looked for every write that is acknowledged by now. Returns the problem if it does not. */
async function untilConfirmed({ app, signal }: Stage): Promise<string[]> {
  const atStop = (await app.report()).witness;
  const due = atStop.confirmed + atStop.unconfirmed + atStop.lost;
  const deadline = Date.now() + WITNESS_MS;
  for (;;) {
    const { confirmed, lost } = (await app.report()).witness;
    if (confirmed + lost >= due) return [];
    if (Date.now() > deadline)
      return [`${due - confirmed - lost} acknowledged writes could not be looked for`];
    await sleep(250, undefined, { signal });
  }
}
