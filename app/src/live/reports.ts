import { LatencyHistogram } from '../telemetry/histogram.ts';
import type { Witness } from '../witness/witness.ts';
import type { PeriodReport, Report, RouteName, SpikeResult } from './types.ts';

const MOST_PERIODS = 100;
/** Of one period: whoever may start spikes may start any number. */
const MOST_SPIKES = 100;

class RouteCount {
  requests = 0;
  errors = 0;
  readonly #latencies = new LatencyHistogram();

  add(failed: boolean, latencyMs: number): void {
    this.requests += 1;
    if (failed) this.errors += 1;
    this.#latencies.add(latencyMs);
  }

  get figures() {
    return { requests: this.requests, errors: this.errors, latency: this.#latencies.latency() };
  }
}

/** Figures from one phase mark to the next. */
export class Reports {
  readonly #witness: Witness;
  readonly #ended: PeriodReport[] = [];
  #phase: string | null = null;
  #startedAt = Date.now();
  #routes = { login: new RouteCount(), search: new RouteCount() };
  #spikes: SpikeResult[] = [];

  constructor(witness: Witness) {
    this.#witness = witness;
  }

  get phase(): string | null {
    return this.#phase;
  }

  request(route: RouteName, failed: boolean, latencyMs: number): void {
    this.#routes[route].add(failed, latencyMs);
  }

  spikeEnded(result: SpikeResult): void {
    this.#spikes.push(result);
    if (this.#spikes.length > MOST_SPIKES) this.#spikes.shift();
  }

  /** Ends the period and begins the next one, even when the phase is the same: whoever marks it wants figures from here. */
  startPhase(phase: string): void {
    const now = Date.now();
    this.#ended.push(this.#current(now));
    if (this.#ended.length > MOST_PERIODS) this.#ended.shift();
    this.#phase = phase;
    this.#startedAt = now;
    this.#routes = { login: new RouteCount(), search: new RouteCount() };
    this.#spikes = [];
    this.#witness.startPeriod();
  }

  get report(): Report {
    return { at: Date.now(), periods: [...this.#ended, this.#current(null)], witness: this.#witness.state };
  }

  #current(endedAt: number | null): PeriodReport {
    return {
      phase: this.#phase,
      startedAt: this.#startedAt,
      endedAt,
      requests: { login: this.#routes.login.figures, search: this.#routes.search.figures },
      spikes: this.#spikes,
      witness: this.#witness.period,
    };
  }
}
