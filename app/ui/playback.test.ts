import { expect, it } from 'vitest';
import { formatPosition, nextSpeed, titleOf } from './playback.ts';

it('writes a position as players do', () => {
  expect([0, 9_999, 65_000, 3_600_000].map(formatPosition)).toEqual(['0:00', '0:09', '1:05', '60:00']);
});

it('goes through the speeds, and stays at the ends', () => {
  expect(nextSpeed(1, 1)).toBe(2);
  expect(nextSpeed(1, -1)).toBe(0.5);
  expect(nextSpeed(0.5, -1)).toBe(0.5);
  expect(nextSpeed(16, 1)).toBe(16);
});

it('calls a recording as its file is called', () => {
  expect(['talk.ndjson', 'talk.ndjson.gz', 'talk'].map(titleOf)).toEqual(['talk', 'talk', 'talk']);
});
