import { expect, it } from 'vitest';
import type { Mark, RecordedLine } from '../../../app/src/contract.ts';
import { SnapshotHistory } from '../../../app/src/live/history.ts';
import { snapshotOf } from '../../../app/src/live/testing.ts';
import type { Recorded } from '../../lib/recording/recording.ts';
import { Player } from './player.ts';

const T = 1_700_000_000_000;
const second = (n: number): RecordedLine => ({
  at: T + n * 1000,
  call: 'snapshot',
  arg: snapshotOf({ at: T + n * 1000 }),
});
const markAt = (n: number, more: Partial<Mark> = {}): RecordedLine => ({
  at: T + n * 1000,
  call: 'mark',
  arg: { id: 1, kind: 'spike', label: 'spike', at: T + 2000, ...more },
});

/** Ten seconds, and a spike from the second to the fifth. */
function recorded(): Recorded {
  const lines = Array.from({ length: 10 }, (_, i) => second(i + 1));
  lines.splice(2, 0, markAt(2, { until: null }));
  lines.splice(6, 0, markAt(5, { until: T + 5000 }));
  const history = { columns: new SnapshotHistory().columns, rows: [], marks: [], latest: null };
  const limits = { spikeSeconds: 1, spikeRps: 1 };
  return {
    name: 'talk.ndjson',
    first: { at: T, call: 'history', arg: { ...history, needsToken: true, limits } },
    lines: lines.sort((a, b) => a.at - b.at),
  };
}

function start() {
  const clock = { now: 0 };
  return { clock, player: new Player(recorded(), () => clock.now) };
}
const times = (lines: readonly RecordedLine[]) =>
  lines.filter((l) => l.call === 'snapshot').map(({ at }) => (at - T) / 1000);

it('plays what was sent when its time comes', () => {
  const { clock, player } = start();
  expect(player.advance()).toEqual([]);
  clock.now = 1000;
  expect(times(player.advance())).toEqual([1]);
  clock.now = 3500;
  expect(times(player.advance())).toEqual([2, 3]);
  expect(player.playback).toMatchObject({
    positionMs: 3500,
    durationMs: 10_000,
    recordedAt: T,
    paused: false,
  });
});

it('plays faster, and not at all while it is paused', () => {
  const { clock, player } = start();
  player.set({ speed: 4 });
  clock.now = 1000;
  expect(times(player.advance())).toEqual([1, 2, 3, 4]);
  player.set({ paused: true });
  clock.now = 60_000;
  expect(player.advance()).toEqual([]);
  player.set({ paused: false, speed: 1 });
  clock.now = 61_000;
  expect(times(player.advance())).toEqual([5]);
});

it('has, for a page that opens in the middle, what that page would have had then', () => {
  const { clock, player } = start();
  clock.now = 3000;
  player.advance();
  expect(player.history.rows).toHaveLength(3);
  expect(player.history.latest?.at).toBe(T + 3000);
  expect(player.history.marks).toEqual([expect.objectContaining({ id: 1, until: null })]);
  clock.now = 6000;
  player.advance();
  expect(player.history.marks).toEqual([expect.objectContaining({ id: 1, until: T + 5000 })]);
  expect(player.history.needsToken).toBe(false);
});

it('goes back and forth, and says so to who has another time on the screen', () => {
  const { clock, player } = start();
  clock.now = 8000;
  player.advance();
  const { jumps } = player.playback;
  player.set({ positionMs: 2000 });
  expect(player.playback.jumps).toBe(jumps + 1);
  expect(player.history.rows).toHaveLength(2);
  clock.now = 9000;
  expect(times(player.advance())).toEqual([3]);
  player.set({ positionMs: 1e9 });
  expect(player.playback.positionMs).toBe(10_000);
});

it('stops at its end, and begins again when it continues from there', () => {
  const { clock, player } = start();
  clock.now = 99_000;
  expect(times(player.advance())).toHaveLength(10);
  expect(player.playback).toMatchObject({ positionMs: 10_000, paused: true });
  player.set({ paused: false });
  clock.now = 101_000;
  expect(times(player.advance())).toEqual([1, 2]);
});
