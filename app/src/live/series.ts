import type { RouteMetrics, Snapshot } from '../contract.ts';

/**
 * The values of a snapshot that are kept and drawn over time: one column each, the same on the server (history) and on the
 * page (charts).
 */
const SERIES: Readonly<Record<string, (s: Snapshot) => number | null>> = {
  at: (s) => s.at,
  'login.answered': (s) => answered(s.routes.login),
  'login.errors': (s) => s.routes.login.errors,
  'login.p50': (s) => s.routes.login.p50,
  'login.p99': (s) => s.routes.login.p99,
  'search.answered': (s) => answered(s.routes.search),
  'search.errors': (s) => s.routes.search.errors,
  'search.p50': (s) => s.routes.search.p50,
  'search.p99': (s) => s.routes.search.p99,
  'writer.p50': (s) => s.connections.writer.p50,
  'writer.p99': (s) => s.connections.writer.p99,
  'writer.errors': (s) => s.connections.writer.errors,
  'reader.p50': (s) => s.connections.reader.p50,
  'reader.p99': (s) => s.connections.reader.p99,
  'reader.errors': (s) => s.connections.reader.errors,
  'spike.target': (s) => s.spike.targetRps,
  'spike.achieved': (s) => s.spike.achievedRps,
  'spike.workers': (s) => s.spike.activeWorkers,
  'witness.writeGap': (s) => s.witness.writes.currentGapMs,
  'witness.readGap': (s) => s.witness.reads.currentGapMs,
  'witness.lost': (s) => s.witness.lost,
};

/** Successful requests per second. A failed request is an answer too, but does not count here. */
export function answered({ rps, errors }: Pick<RouteMetrics, 'rps' | 'errors'>): number {
  return Math.max(0, rps - errors);
}

export const SERIES_COLUMNS: readonly string[] = Object.keys(SERIES);

/** One row in the order of `SERIES_COLUMNS`; latencies rounded to a tenth of a millisecond, so that an hour of rows stays small. */
export function toRow(snapshot: Snapshot): (number | null)[] {
  return Object.values(SERIES).map((read) => {
    const value = read(snapshot);
    return value === null ? null : Math.round(value * 10) / 10;
  });
}
