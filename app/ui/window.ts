import { SERIES_COLUMNS } from '../src/live/series.ts';
import { type Row, timeOf } from './store.ts';
import { pointStep, type Sample, thin } from './thinning.ts';

export const WINDOW_MINUTES = [1, 5, 15, 60] as const;

/** Rows further apart than this have a hole between them, and lines must not be drawn across it. */
const HOLE_MS = 2_500;

/** What the charts draw: a column of times and one of values for each series, of equal length. */
export interface Columns {
  readonly times: readonly number[];
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
}

/**
 * The columns between two times. What lies just before `from` is taken along, so that lines enter at the chart's edge; a
 * hole in the data becomes an empty sample; with no rows at all there are two empty ones, so that an axis can be drawn.
 */
export function columnsBetween(rows: readonly Row[], from: number, to: number): Columns {
  const step = pointStep(to - from);
  // Whole points: one that lost its older seconds to the window's edge would change while it leaves.
  const first = Math.floor(from / step) * step - step;
  const samples = thin(samplesBetween(rows, first, to), step);
  if (samples.length === 0) samples.push({ time: from, row: null }, { time: to, row: null });
  return {
    times: samples.map(({ time }) => time),
    values: Object.fromEntries(
      SERIES_COLUMNS.map((name, column) => [name, samples.map(({ row }) => row?.[column] ?? null)]),
    ),
  };
}

function samplesBetween(rows: readonly Row[], from: number, to: number): Sample[] {
  const samples: Sample[] = [];
  for (const row of rows) {
    const time = timeOf(row);
    if (time < from || time > to) continue;
    const previous = samples.at(-1)?.time;
    if (previous !== undefined && time - previous > HOLE_MS) samples.push({ time: previous + 1, row: null });
    samples.push({ time, row });
  }
  return samples;
}
