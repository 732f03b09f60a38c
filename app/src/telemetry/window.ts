import type { Latency } from '../contract.ts';

/** More than this many latencies a second are counted but not kept: percentiles of a sample are good enough by then. */
const MOST = 20_000;

/** What happened since the window was last taken: a count, errors, and latencies in milliseconds. */
export class Window {
  #latencies: number[] = [];
  #count = 0;
  #errors = 0;
  #retries = 0;

  add(latencyMs: number): void {
    this.#count += 1;
    if (this.#latencies.length < MOST) this.#latencies.push(latencyMs);
  }

  error(): void {
    this.#errors += 1;
  }

  retry(): void {
    this.#retries += 1;
  }

  /** The values since the last take, and a fresh start. */
  take(): { count: number; errors: number; retries: number; latency: Latency } {
    const taken = {
      count: this.#count,
      errors: this.#errors,
      retries: this.#retries,
      latency: percentiles(this.#latencies),
    };
    this.#latencies = [];
    this.#count = 0;
    this.#errors = 0;
    this.#retries = 0;
    return taken;
  }
}

function percentiles(latencies: number[]): Latency {
  const sorted = Float64Array.from(latencies).sort();
  // Nearest rank: the smallest value such that at least this share of all values is not greater.
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
