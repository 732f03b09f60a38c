import { describe, expect, it } from 'vitest';
import { SERIES_COLUMNS } from '../src/live/series.ts';
import type { Row } from './store.ts';
import { columnsBetween } from './window.ts';

const row = (seconds: number, values: Record<string, number> = {}): Row =>
  SERIES_COLUMNS.map((name) => (name === 'at' ? seconds * 1000 : (values[name] ?? null)));

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('columnsBetween', () => {
  it('gives each series a value for each time', () => {
    const { times, values } = columnsBetween(
      [row(1, { 'login.answered': 5 }), row(2, { 'login.answered': 6 })],
      0,
      MINUTE,
    );
    expect(times).toEqual([1000, 2000]);
    expect(values['login.answered']).toEqual([5, 6]);
    expect(values['search.p99']).toEqual([null, null]);
  });

  it('takes what lies just before the window along, so that lines enter at its edge, and nothing after it', () => {
    const rows = [row(8), row(9), row(10), row(70), row(71)];
    const { times } = columnsBetween(rows, 10_000, 70_000);
    expect(times[0]).toBe(9000);
    expect(times.at(-1)).toBe(70_000);
  });

  it('breaks the lines where seconds are missing', () => {
    const { times, values } = columnsBetween(
      [row(1, { 'login.answered': 5 }), row(6, { 'login.answered': 5 })],
      0,
      MINUTE,
    );
    expect(times).toEqual([1000, 1001, 6000]);
    expect(values['login.answered']).toEqual([5, null, 5]);
  });

  it('draws an empty axis when there are no rows', () => {
    const { times, values } = columnsBetween([], 0, MINUTE);
    expect(times).toEqual([0, MINUTE]);
    expect(values['login.answered']).toEqual([null, null]);
  });

  it('has few points in an hour, and still the worst second and the mean rate', () => {
    const rows = Array.from({ length: 3600 }, (_, second) =>
      row(second, {
        'login.p99': second === 1801 ? 9000 : 20,
        'login.answered': second % 2,
        'login.errors': 0,
      }),
    );
    const { times, values } = columnsBetween(rows, 0, HOUR);
    expect(times.length).toBeLessThanOrEqual(300);
    expect(Math.max(...(values['login.p99'] ?? []).map(Number))).toBe(9000);
    const rates = (values['login.answered'] ?? []).map(Number);
    expect(Math.min(...rates)).toBeGreaterThan(0.4);
    expect(Math.max(...rates)).toBeLessThan(0.6);
  });

  it('does not change the points of an hour as the window moves on by a second', () => {
    const rows = Array.from({ length: 3600 }, (_, second) =>
      row(second, { 'login.answered': (second * 7) % 13 }),
    );
    const first = columnsBetween(rows, 100_000, HOUR);
    const next = columnsBetween(rows, 101_000, HOUR + 1000);
    expect(next.times.slice(1, 200)).toEqual(first.times.slice(1, 200));
    expect(next.values['login.answered']?.slice(1, 200)).toEqual(
      first.values['login.answered']?.slice(1, 200),
    );
  });

  it('keeps a short hole in an hour', () => {
    const rows = [
      row(1, { 'login.answered': 5 }),
      row(2, { 'login.answered': 5 }),
      row(7, { 'login.answered': 5 }),
    ];
    expect(columnsBetween(rows, 0, HOUR).values['login.answered']).toEqual([5, null, 5]);
  });
});
