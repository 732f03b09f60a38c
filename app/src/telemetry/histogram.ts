import { build, type Histogram } from 'hdr-histogram-js';
import type { Latency } from '../contract.ts';

/** Latencies of any number of requests in bounded memory, to two significant digits, from a microsecond to ten minutes. */
export class LatencyHistogram {
  readonly #histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 600_000_000,
    numberOfSignificantValueDigits: 2,
    useWebAssembly: false,
  });

  /** Milliseconds. */
  add(latencyMs: number): void {
    this.#histogram.recordValue(Math.min(600_000_000, Math.max(1, Math.round(latencyMs * 1000))));
  }

  /** Milliseconds; null when nothing was added. */
  latency(): Latency {
    if (this.#histogram.totalCount === 0) return { p50: null, p95: null, p99: null };
    const at = (percent: number) => this.#histogram.getValueAtPercentile(percent) / 1000;
    return { p50: at(50), p95: at(95), p99: at(99) };
  }
}
