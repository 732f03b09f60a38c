import { cliError } from '../../lib/errors.ts';
import type { Keyboard } from '../../ui/keyboard.ts';
import type { Terminal } from '../../ui/terminal.ts';
import { isPlayable, play, playNow } from './beats.ts';
import { showTalkCard } from './card.ts';
import { judge, type Outcome } from './outcome.ts';
import type { Presenter } from './presenter/presenter.ts';
import { SCRIPT } from './script/script.ts';
import { showOutcome, showPlayed, showPreview } from './show.ts';
import type { Played } from './stage/demo.ts';
import { describeSpike } from './stage/spikes.ts';
import type { Stage } from './stage/stage.ts';

/**
 * Leads the presenter through the talk, each beat at a key press. The notes come before what they are about: on the page of the presenter
 * where there is one, else in the terminal. Returns the outcome of what was played, null when that was nothing.
 */
export async function playAtKeyPress(
  terminal: Terminal,
  stage: Stage,
  keyboard: Keyboard,
  presenter: Presenter | null,
): Promise<Outcome | null> {
  const phases: string[] = [];
  const wait = (what: string) => untilNextOrQuit(terminal, stage, keyboard, what);
  const first = SCRIPT[0]?.title;
  if ((await wait(`begin: ${first}`)) === 'quit') return null;
  presenter?.begin();
  for (const [index, beat] of SCRIPT.entries()) {
    const acts = beat.plays === 'card' || (beat.plays !== 'nothing' && isPlayable(beat, stage));
    presenter?.show(index, acts ? 'before' : 'after');
    showPreview(terminal, beat, stage, presenter === null);
    if (acts) {
      if ((await wait('do it')) === 'quit') return leave(terminal, stage, phases);
      presenter?.show(index, 'running');
      if (beat.plays === 'kill') terminal.line(`Killing ${stage.demo.target} ...`);
      const played = await play(beat, stage);
      if (beat.plays === 'card') await showTalkCard(terminal, stage);
      showPlayed(terminal, beat, stage, played);
      announceEnd(terminal, played);
      if (beat.begins !== undefined) phases.push(beat.begins);
      presenter?.show(index, 'after');
    } else showPlayed(terminal, beat, stage, { done: [], skipped: [] });
    const next = SCRIPT[index + 1]?.title ?? 'the report';
    if ((await wait(`next: ${next}`)) === 'quit') return leave(terminal, stage, phases);
  }
  const outcome = await outcomeOf(stage, phases, true);
  if (outcome !== null) showOutcome(terminal, outcome, stage.kills);
  await wait('end');
  return outcome;
}

async function outcomeOf({ app }: Stage, phases: readonly string[], whole: boolean): Promise<Outcome | null> {
  return phases.length === 0 ? null : judge(await app.report(), phases, whole);
}

/** What went wrong until here is told; what was not played is not. */
async function leave(terminal: Terminal, stage: Stage, phases: readonly string[]): Promise<Outcome | null> {
  const outcome = await outcomeOf(stage, phases, false);
  for (const problem of outcome?.problems ?? []) terminal.bad(problem);
  return outcome;
}

async function untilNextOrQuit(
  terminal: Terminal,
  stage: Stage,
  keyboard: Keyboard,
  what: string,
): Promise<'next' | 'quit'> {
  for (;;) {
    terminal.line();
    terminal.quiet(`[Enter] ${what}   [s] spike  [k] kill a node  [q] quit`);
    const key = await keyboard.next(stage.signal);
    if (key === null) throw cliError('EVO-945', {});
    if (key === 'next' || key === 'quit') return key;
    if (key === 'cockroach') continue;
    if (key === 'kill') terminal.line(`Killing ${stage.demo.target} ...`);
    const played = await playNow(key, stage);
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
