/**
 * How a cost grows with a size: the slope of the line through the logarithms of both, by least squares. 0: it stays the same; 1: as much
 * as the size; 2: with its square.
 */
export function exponent(sizes: readonly number[], costs: readonly number[]): number {
  const x = sizes.map(Math.log);
  const y = costs.map(Math.log);
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const above = x.reduce((sum, value, i) => sum + (value - mx) * ((y[i] as number) - my), 0);
  return above / x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
}

/** What was measured of one cost at each size. */
export interface Growth {
  /** What grows, and the unit of its sizes. */
  readonly of: string;
  readonly sizes: readonly number[];
  readonly cost: string;
  readonly unit: string;
  readonly costs: readonly number[];
}
