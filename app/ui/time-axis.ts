const STEPS_MS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800].map((seconds) => seconds * 1000);

/** The distance between two labels of a time axis, in ms, so that they stay apart on an axis of this many pixels. */
export function timeStep(windowMs: number, widthPx: number, textPx: number): number {
  const label = textPx * 6.9;
  const atLeast = (windowMs * label) / Math.max(widthPx, label);
  return STEPS_MS.find((step) => step >= atLeast) ?? windowMs;
}

/** The labelled times of an axis: whole multiples of the step. */
export function timeSplits(from: number, to: number, step: number): number[] {
  const splits: number[] = [];
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) splits.push(time);
  return splits;
}
