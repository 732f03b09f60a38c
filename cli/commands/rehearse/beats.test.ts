import { describe, expect, it } from 'vitest';
import { play, playNow } from './beats.ts';
import { SCRIPT } from './script/script.ts';
import type { ScriptBeat } from './stage/beat.ts';
import type { Stage } from './stage/stage.ts';

const beatThat = (plays: ScriptBeat['plays'], ofNodes?: number) =>
  SCRIPT.find((beat) => beat.plays === plays && beat.ofNodes === ofNodes) as ScriptBeat;

/** A stage on which everything that is tried ends with this error. */
function broken(error: Error, signal = new AbortController().signal): Stage {
  const fail = () => Promise.reject(error);
  const app = { report: fail, mark: async () => {}, startSpike: fail };
  const demo = { kind: 'postgres', nodes: 1, target: 'postgresql', kill: fail, enter: fail };
  return { app, demo, kills: [], spike: { seconds: 1, rps: 1 }, signal } as unknown as Stage;
}

const raw = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' });

describe('a beat that does not work', () => {
  it('is reported with its code where the talk can continue without it', async () => {
    for (const beat of [beatThat('spike'), beatThat('kill', 1)]) {
      const { done } = await play(beat, broken(raw));
      expect(done).toEqual([
        'This did not work: EVO-931: The database failed: connect ECONNREFUSED 127.0.0.1:5432.',
      ]);
    }
    expect((await playNow('kill', broken(raw))).done[0]).toContain('This did not work: ');
  });

  it('ends the rehearsal where nothing can follow: a phase', async () => {
    const phase = beatThat('phase');
    await expect(play(phase, broken(raw))).rejects.toMatchObject({ code: 'EVO-931' });
    await expect(play(phase, broken(raw))).rejects.toThrow('connect ECONNREFUSED');
  });

  it('is no excuse for what is wrong with this program, nor for an end that was asked for', async () => {
    await expect(play(beatThat('spike'), broken(new TypeError('x is undefined')))).rejects.toThrow(TypeError);
    const asked = new AbortController();
    asked.abort(new Error('Ctrl-C'));
    await expect(play(beatThat('spike'), broken(raw, asked.signal))).rejects.toThrow('Ctrl-C');
  });
});

it('a node of three cannot die where there is one: nothing is done', async () => {
  expect(await play(beatThat('kill', 3), broken(raw))).toEqual({ done: [], skipped: [] });
});
