import { describe, expect, it } from 'vitest';
import { formatAge, formatAxisClock, formatClock, formatCount, formatMs } from './format.ts';

describe('numbers', () => {
  it('are whole from ten on, with thousands apart', () => {
    expect([0, 2.5, 9.96, 42.4, 1204].map(formatCount)).toEqual(['0', '2.5', '10', '42', '1,204']);
  });

  it('are a dash where nothing was measured, never "null"', () => {
    expect([null, undefined].flatMap((value) => [formatCount(value), formatMs(value)])).toEqual([
      '–',
      '–',
      '–',
      '–',
    ]);
  });

  it('say a length of time in the unit that people would use', () => {
    expect([0, 3.14, 42, 999.4, 999.6, 4230, 9960, 83_400, 185_000].map(formatMs)).toEqual([
      '0 ms',
      '3.1 ms',
      '42 ms',
      '999 ms',
      '1.0 s',
      '4.2 s',
      '10 s',
      '83 s',
      '3 min 5 s',
    ]);
  });

  it('say an age in whole seconds that have passed', () => {
    expect([-20, 900, 7999, 125_000].map(formatAge)).toEqual(['0 s', '0 s', '7 s', '2 min 5 s']);
  });
});

describe('times of day', () => {
  const afternoon = new Date(2026, 0, 2, 14, 3, 9).getTime();
  const midnight = new Date(2026, 0, 2, 0, 0, 0).getTime();

  it('count the hours from 00 to 23', () => {
    expect(formatClock(afternoon)).toBe('14:03:09');
    expect(formatClock(midnight)).toBe('00:00:00');
  });

  it('leave the seconds out on an axis of minutes', () => {
    expect(formatAxisClock(afternoon, 30_000)).toBe('14:03:09');
    expect(formatAxisClock(afternoon, 60_000)).toBe('14:03');
  });
});
