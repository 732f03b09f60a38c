import { expect, it } from 'vitest';
import { timeSplits, timeStep } from './time-axis.ts';

const MINUTE = 60_000;

it('keeps labels apart on wide and narrow axes', () => {
  for (const minutes of [1, 5, 15, 60]) {
    for (const width of [280, 800, 1300]) {
      for (const text of [14, 24]) {
        const step = timeStep(minutes * MINUTE, width, text);
        // Eight digits and colons of this size, and some room.
        expect((step / (minutes * MINUTE)) * width).toBeGreaterThan(text * 6);
      }
    }
  }
});

it('labels round times within the window', () => {
  expect(timeSplits(61_000, 3 * MINUTE, MINUTE)).toEqual([2 * MINUTE, 3 * MINUTE]);
});
