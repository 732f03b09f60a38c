/** Ranges and labelled values of the charts' vertical axes. */

export type Range = [min: number, max: number];

/** A linear scale starts at zero and never ends below `top`. `max`: null when nothing is to be drawn. */
export function linearRange(max: number | null, top: number): Range {
  return [0, Math.max(top, (max ?? 0) * 1.08)];
}

/** Labels of a linear scale: 0, and as many as the height allows, but at least one more. */
export function linearSplits([, high]: Range, heightPx: number, textPx: number): number[] {
  const most = Math.max(1, Math.floor(heightPx / (textPx * 2.4)));
  const step = stepUp(high / most);
  if (step > high) return [0, stepDown(high)];
  return Array.from({ length: Math.floor(high / step) + 1 }, (_, i) => round(i * step));
}

/** What stands for 0 on a logarithmic scale, in ms. */
export const LOG_FLOOR = 0.1;

/** A logarithmic scale ends at steps of 1, 2 and 5, and shows at least a factor of ten. */
export function logRange(min: number | null, max: number | null): Range {
  const low = stepDown(Math.max(min ?? 1, LOG_FLOOR));
  const high = stepUp(Math.max(max ?? 10, LOG_FLOOR));
  return [low, high / low < 10 ? low * 10 : high];
}

/** Labels of a logarithmic scale, as many as the height allows: 1-2-5, else 1-3, else powers of ten. */
export function logSplits([low, high]: Range, heightPx: number, textPx: number): number[] {
  const most = Math.max(2, heightPx / (textPx * 1.9));
  const candidates = [[1, 2, 5], [1, 3], [1]].map((factors) => multiplesBetween(low, high, factors));
  return candidates.find((splits) => splits.length <= most) ?? candidates.at(-1) ?? [];
}

function multiplesBetween(low: number, high: number, factors: readonly number[]): number[] {
  const splits: number[] = [];
  for (let exponent = Math.floor(Math.log10(low)); 10 ** exponent <= high * 1.001; exponent++) {
    for (const factor of factors) {
      const value = round(factor * 10 ** exponent);
      if (value >= low * 0.999 && value <= high * 1.001) splits.push(value);
    }
  }
  return splits;
}

function stepDown(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [5, 2, 1].find((step) => step * power <= value * 1.000001) ?? 1;
  return round(factor * power);
}

function stepUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5].find((step) => step * power >= value * 0.999999) ?? 10;
  return round(factor * power);
}

/** Takes off what binary fractions add: 0.30000000000000004. */
function round(value: number): number {
  return Number(value.toPrecision(6));
}
