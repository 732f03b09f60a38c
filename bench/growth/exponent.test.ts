import { expect, it } from 'vitest';
import { exponent } from './exponent.ts';

it('is 0 for a cost that stays, 1 for one that grows with the size, and 2 for its square', () => {
  const sizes = [3, 5, 9];
  expect(exponent(sizes, [7, 7, 7])).toBeCloseTo(0);
  expect(exponent(sizes, [6, 10, 18])).toBeCloseTo(1);
  expect(exponent(sizes, [9, 25, 81])).toBeCloseTo(2);
});

it('goes through the middle of costs that scatter', () => {
  expect(exponent([1, 10, 100], [1, 20, 100])).toBeCloseTo(1);
});
