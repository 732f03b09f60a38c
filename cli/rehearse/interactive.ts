import { beatsOn, playSpike } from './beats.ts';
import type { Played } from './demo.ts';
import { Failure } from './failure.ts';
import type { Keyboard } from './keyboard.ts';
import { playKill } from './kill.ts';
import { judge, type Outcome } from './outcome.ts';
import { showOutcome, showPlayed, showPreview } from './show.ts';
import { describeSpike } from './spikes.ts';
import type { Stage } from './stage.ts';
import type { Terminal } from './terminal.ts';

/**
 * Leads the presenter through the beats, each at a key press. Returns the outcome of what was played, null when that was nothing.
 */
export async function playAtKeyPress(
  terminal: Terminal,
  stage: Stage,
  keyboard: Keyboard,
): Promise<Outcome | null> {
  const phases: string[] = [];
  const wait = (what: string) => untilNextOrQuit(terminal, stage, keyboard, what);
  const beats = beatsOn(stage.demo.kind);
  for (const [index, beat] of beats.entries()) {
    showPreview(terminal, beat, stage);
    if ((await wait('do it')) === 'quit') return outcomeOf(stage, phases);
    const played = await beat.play(stage);
    showPlayed(terminal, beat, stage, played);
    announceEnd(terminal, played);
    if (beat.begins !== undefined) phases.push(beat.begins);
    if ((await wait(`next: ${beats[index + 1]?.title ?? 'the report'}`)) === 'quit')
      return outcomeOf(stage, phases);
  }
  const outcome = await outcomeOf(stage, phases);
  if (outcome !== null) showOutcome(terminal, outcome, stage.kills);
  await wait('end');
  return outcome;
}

async function outcomeOf({ app }: Stage, phases: readonly string[]): Promise<Outcome | null> {
  return phases.length === 0 ? null : judge(await app.report(), phases);
}

async function untilNextOrQuit(
  terminal: Terminal,
  stage: Stage,
  keyboard: Keyboard,
  what: string,
): Promise<'next' | 'quit'> {
  for (;;) {
    terminal.quiet(`\n[Enter] ${what}   [s] a spike now   [k] kill a node   [q] quit`);
    const key = await keyboard.next(stage.signal);
    if (key === null)
      throw new Failure(
        'There is no keyboard here, so the rehearsal cannot go on. Without one: npm run rehearse -- --auto',
      );
    if (key === 'next' || key === 'quit') return key;
    if (key === 'kill') terminal.line(`Killing ${stage.demo.victim} ...`);
    if (key === 'cockroach') continue;
    const played = await (key === 'kill' ? playKill(stage) : playSpike(stage));
    for (const line of played.done) terminal.line(line);
    announceEnd(terminal, played);
  }
}

/** Prints the result of the spike that began, if one did, when it is there; the presenter goes on meanwhile. */
function announceEnd(terminal: Terminal, { spike }: Played): void {
  spike?.over.then(
    (result) => terminal.line(describeSpike(result)),
    // What is wrong with the app shows at the next key press, or ends the rehearsal by itself.
    () => {},
  );
}
