import { CliError, withDatabaseErrors } from '../../lib/errors.ts';
import { SCRIPT } from './script/script.ts';
import type { ScriptBeat } from './stage/beat.ts';
import type { Played } from './stage/demo.ts';
import { playKill } from './stage/kill.ts';
import { startSpike } from './stage/spikes.ts';
import type { Stage } from './stage/stage.ts';

const NOTHING: Played = { done: [], skipped: [] };

/**
 * Does what the beat does to the database and the load. Throws a CliError when the beginning of a phase fails, because nothing can continue
 * from there. Any other failure of a beat is reported, and the talk continues.
 */
export async function play(beat: ScriptBeat, stage: Stage): Promise<Played> {
  try {
    return await withDatabaseErrors(stage.signal, () => act(beat, stage));
  } catch (error) {
    if (!(error instanceof CliError) || stage.signal.aborted || beat.plays === 'phase') throw error;
    return { done: [`This did not work: ${error.code}: ${error.message}.`], skipped: [] };
  }
}

async function act(beat: ScriptBeat, stage: Stage): Promise<Played> {
  const { begins, ofNodes = 1 } = beat;
  switch (beat.plays) {
    case 'phase':
      if (begins === undefined) return NOTHING;
      await stage.app.mark('phase', begins);
      return stage.demo.enter(begins, stage);
    case 'spike':
      return playSpike(stage);
    case 'kill':
      return ofNodes > stage.demo.nodes ? NOTHING : playKill(stage);
    default:
      return NOTHING;
  }
}

/** Whether this database has what the beat takes: a single PostgreSQL has no node to spare. */
export const isPlayable = ({ plays, ofNodes = 1 }: ScriptBeat, { demo }: Pick<Stage, 'demo'>): boolean =>
  plays !== 'kill' || ofNodes === 1 || demo.kind === 'cockroach';

/** The phases that the talk goes through, in order. */
export const PHASES = SCRIPT.flatMap(({ begins }) => begins ?? []);

/** A spike as the stage has it. Says so when another one runs. */
export async function playSpike(stage: Stage): Promise<Played> {
  const spike = await startSpike(stage);
  if (spike === null) return { done: ['A spike runs already: this one was not started.'], skipped: [] };
  const { rps, seconds } = stage.spike;
  return { done: [`Started: ${rps} requests a second for ${seconds} s.`], skipped: [], spike };
}

/** The keys that a presenter may press at any time. A failure is reported, and the talk continues. */
export function playNow(what: 'spike' | 'kill', stage: Stage): Promise<Played> {
  const beat = SCRIPT.find(({ plays }) => plays === what);
  return beat === undefined ? Promise.resolve(NOTHING) : play(beat, stage);
}
