import { describe, expect, it } from 'vitest';
import { type Course, stretchOf } from './stretch.ts';

const START = 1_000_000;
/** A row a second from `START` on, in the columns of an app as it is. */
const course = (seconds: number, over: Partial<Course> = {}): Course => ({
  columns: [
    'at',
    'login.answered',
    'login.errors',
    'search.answered',
    'search.errors',
    'witness.writeGap',
    'witness.readGap',
  ],
  rows: Array.from({ length: seconds }, (_, i) => [
    START + i * 1000,
    5,
    0,
    20,
    i === 40 ? 3 : 0,
    120,
    i * 10,
  ]),
  marks: [],
  ...over,
});

describe('a stretch of the hour that the app keeps', () => {
  it('begins half a minute before, and ends half a minute after what it is about', () => {
    const stretch = stretchOf(course(200), { begun: START + 60_000, ended: START + 90_000 });
    expect(stretch).toMatchObject({
      from: START + 30_000,
      to: START + 120_000,
      begun: START + 60_000,
      ended: START + 90_000,
    });
    expect(stretch?.times).toHaveLength(91);
  });

  it('adds up what both routes answered and failed, and takes the longer gap, in seconds', () => {
    const stretch = stretchOf(course(60), { begun: START, ended: START + 60_000 });
    expect(stretch?.answered[0]).toBe(25);
    expect(stretch?.failed.slice(39, 42)).toEqual([0, 3, 0]);
    expect([stretch?.gap[0], stretch?.gap[50]]).toEqual([0.12, 0.5]);
  });

  it('reads an app of before, which counts failed answers among all', () => {
    const old = course(3, {
      columns: ['at', 'login.rps', 'login.errors', 'search.rps', 'search.errors'],
      rows: [0, 1, 2].map((i) => [START + i * 1000, 5, 1, 20, 2]),
    });
    expect(stretchOf(old, { begun: START, ended: START + 2000 })).toMatchObject({
      answered: [22, 22, 22],
      failed: [3, 3, 3],
      gap: [null, null, null],
    });
  });

  it('is cut where the app remembers no more, and is none where it remembers nothing of it', () => {
    const cut = stretchOf(course(60), { begun: START - 100_000, ended: START + 90_000 });
    expect(cut).toMatchObject({ begun: START, ended: START + 59_000 });
    expect(stretchOf(course(60), { begun: START + 900_000, ended: START + 990_000 })).toBeNull();
    expect(stretchOf(course(1), { begun: START, ended: START })).toBeNull();
    expect(stretchOf({ columns: [], rows: [], marks: [] }, { begun: START, ended: START })).toBeNull();
  });

  it('has the marks that lie in it, in the order of their times', () => {
    const mark = (id: number, at: number) => ({ id, kind: 'note' as const, label: `${id}`, at });
    const marks = [mark(1, START - 1), mark(2, START + 5000), mark(3, START + 2000), mark(4, START + 99_000)];
    const stretch = stretchOf(course(60, { marks }), { begun: START, ended: START + 60_000 });
    expect(stretch?.marks.map(({ id }) => id)).toEqual([3, 2]);
  });
});
