import { describe, expect, it } from 'vitest';
import { linearRange, linearSplits, logRange, logSplits } from './scales.ts';

describe('a linear scale', () => {
  it('starts at zero and keeps a quiet line low', () => {
    expect(linearRange(null, 10)).toEqual([0, 10]);
    expect(linearRange(2, 10)).toEqual([0, 10]);
  });

  it('leaves room above the highest value', () => {
    expect(linearRange(300, 10)[1]).toBeGreaterThan(300);
  });

  it('has labels that fit, and always one beside 0', () => {
    expect(linearSplits([0, 10], 100, 14)).toEqual([0, 5, 10]);
    expect(linearSplits([0, 216], 200, 14)).toEqual([0, 50, 100, 150, 200]);
    expect(linearSplits([0, 216], 60, 24)).toEqual([0, 200]);
    expect(linearSplits([0, 2000], 10, 24)).toEqual([0, 2000]);
  });
});

describe('a logarithmic scale', () => {
  it.each([
    [null, null],
    [1.3, 42],
    [3, 3],
    [0, 0.05],
    [0.4, 15_000],
  ])('from %s to %s contains its values and at least a factor of ten', (min, max) => {
    const [low, high] = logRange(min, max);
    expect(low).toBeGreaterThan(0);
    expect(low).toBeLessThanOrEqual(Math.max(min ?? 1, 0.1));
    expect(high).toBeGreaterThanOrEqual(max ?? 10);
    expect(high / low).toBeGreaterThanOrEqual(9.99);
  });

  it('has as many labels as fit', () => {
    expect(logSplits([1, 100], 300, 14)).toEqual([1, 2, 5, 10, 20, 50, 100]);
    expect(logSplits([1, 100], 140, 14)).toEqual([1, 3, 10, 30, 100]);
    expect(logSplits([0.5, 100], 80, 14)).toEqual([1, 10, 100]);
  });
});
