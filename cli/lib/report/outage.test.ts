import { expect, it } from 'vitest';
import { OutageWatch } from './outage.ts';

/** The lines that are said at looks half a second apart: how many failed so far, and for how long nothing succeeded. */
function said(...looks: readonly (readonly [failed: number, gapMs: number])[]): string[] {
  const watch = new OutageWatch();
  return looks.flatMap(([failed, gapMs], i) => watch.look({ at: i * 500, failed, gapMs }) ?? []);
}

it('says nothing while all goes well, whatever failed before', () => {
  expect(said([7, 200], [7, 240], [7, 10], [7, 1900], [7, 100])).toEqual([]);
});

it('tells of an outage once when it begins, and of its length when it is over', () => {
  const dark = Array.from({ length: 14 }, (_, i) => [1 + i, 500 + i * 500] as const);
  expect(said([0, 100], ...dark, [20, 100], [20, 50], [20, 100])).toEqual([
    'Requests are failing.',
    'Requests succeed again, after about 8 s.',
  ]);
});

it('is not over at the first request that succeeds among others that fail', () => {
  expect(said([0, 0], [5, 100], [9, 100], [12, 100], [12, 50])).toEqual([
    'Requests are failing.',
    'Requests succeed again, after about 2 s.',
  ]);
});

it('tells of a database that is silent without a failure', () => {
  expect(said([0, 1500], [0, 2000], [0, 2500], [0, 100])).toEqual([
    'The database does not answer.',
    'Requests succeed again, after about 3 s.',
  ]);
});
