import { SERIES_COLUMNS } from '../src/live/series.ts';
import type { Row } from './store.ts';

/** What is drawn at one time; a `null` row is a hole in the lines. */
export interface Sample {
  readonly time: number;
  readonly row: Row | null;
}

/** With more points than this in a window, a chart is unreadable. */
const POINTS = 300;

/** How much time one point of the charts stands for, in ms: a second, or whole seconds in a long window. */
export function pointStep(windowMs: number): number {
  return windowMs <= POINTS * 1000 ? 1000 : Math.ceil(windowMs / 240_000) * 1000;
}

const isRate = SERIES_COLUMNS.map((name) => /answered$|^spike\.(target|achieved)$/.test(name));

/**
 * One sample for each step: of rates the mean, of everything else the worst second, so that thinning hides no peak. It
 * stands at the time of its last row. Steps lie at whole multiples, so that points do not change as the window moves on.
 */
export function thin(samples: readonly Sample[], step: number): Sample[] {
  if (step <= 1000) return [...samples];
  const thinned: Sample[] = [];
  let group: Row[] = [];
  let time = 0;
  const close = () => {
    if (group.length > 0) thinned.push({ time, row: summaryOf(group) });
    group = [];
  };
  for (const sample of samples) {
    if (sample.row === null || Math.floor(sample.time / step) !== Math.floor(time / step)) close();
    if (sample.row === null) thinned.push(sample);
    else group.push(sample.row);
    time = sample.time;
  }
  close();
  return thinned;
}

function summaryOf(rows: readonly Row[]): Row {
  return SERIES_COLUMNS.map((_, column) => {
    const values = rows.map((row) => row[column] ?? null).filter((value) => value !== null);
    if (values.length === 0) return null;
    return isRate[column]
      ? values.reduce((sum, value) => sum + value, 0) / values.length
      : Math.max(...values);
  });
}
