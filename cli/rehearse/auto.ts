import { setTimeout as sleep } from 'node:timers/promises';
import { type Beat, beatsOn } from './beats.ts';
import { playKill } from './kill.ts';
import { judge, type Outcome } from './outcome.ts';
import { showInfrastructure, showPlayed } from './show.ts';
import { describeSpike } from './spikes.ts';
import type { Stage } from './stage.ts';
import type { Terminal } from './terminal.ts';

/** The witness asks for all of its writes every ten seconds. */
const WITNESS_MS = 25_000;

/**
 * Plays every beat without a keyboard, each phase for about `phaseSeconds`, its spike in the middle, and judges the report. At the end of
 * phase 0 the only node is killed: what follows is an outage, and is counted apart.
 */
export async function playAll(terminal: Terminal, stage: Stage, phaseSeconds: number): Promise<Outcome> {
  const pause = (): Promise<void> =>
    sleep(((phaseSeconds - stage.spike.seconds) / 2) * 1000, undefined, { signal: stage.signal });
  const problems: string[] = [];
  const beats = beatsOn(stage.demo.kind);
  for (const [index, beat] of beats.entries()) {
    if (beat.begins !== undefined) await playPhase(terminal, stage, beat);
    else await playMoment(terminal, stage, beat);
    await pause();
    if (beats[index + 1]?.begins === 'phase1') await killTheOnlyNode(terminal, stage);
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
  const played = beats.flatMap((beat) => beat.begins ?? []);
  const outcome = judge(report, played);
  const spikeless = played.filter((p) => !outcome.phases.some((f) => f.phase === p && f.spikes.length > 0));
  problems.push(...spikeless.map((phase) => `${phase}: no spike was measured`));
  return {
    ...outcome,
    ok: outcome.ok && problems.length === 0,
    problems: [...outcome.problems, ...problems],
  };
}

async function playPhase(terminal: Terminal, stage: Stage, beat: Beat): Promise<void> {
  terminal.heading(beat.title);
  showInfrastructure(terminal, beat, stage);
  const { done, skipped } = await beat.play(stage);
  showPlayed(terminal, { ...beat, notes: { say: [], lookAt: [] } }, stage, { done, skipped });
}

/** A spike, or the death of a node. */
async function playMoment(terminal: Terminal, stage: Stage, beat: Beat): Promise<void> {
  terminal.line();
  const { done, spike } = await beat.play(stage);
  for (const line of done) terminal.line(`${beat.title}. ${line}`);
  if (spike !== undefined) terminal.line(describeSpike(await spike.over));
}

async function killTheOnlyNode(terminal: Terminal, stage: Stage): Promise<void> {
  terminal.line();
  for (const line of (await playKill(stage)).done) terminal.line(`The only node dies. ${line}`);
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
