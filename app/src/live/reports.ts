import type { PeriodReport, PhaseTotals, Report, RouteName, SpikeResult, Totals } from '../contract.ts';
import { LatencyHistogram } from '../telemetry/histogram.ts';
import type { Witness } from '../witness/witness.ts';

const MOST_PERIODS = 100;
/** Limit per period, because the number of spikes is not limited. */
const MOST_SPIKES = 100;

/** Of `totals`. */
const MOST_PHASES = 12;

class RouteCount {
  requests = 0;
  errors = 0;
  readonly #latencies = new LatencyHistogram();

  add(failed: boolean, latencyMs: number): void {
    this.requests += 1;
    if (failed) this.errors += 1;
    this.#latencies.add(latencyMs);
  }

  get counts() {
    return { requests: this.requests, errors: this.errors, latency: this.#latencies.latency() };
  }
}

/** Values from one phase mark to the next. */
export class Reports {
  readonly #witness: Witness;
  readonly #ended: PeriodReport[] = [];
  readonly #begunAt = Date.now();
  #requests = 0;
  #failed = 0;
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
    this.#requests += 1;
    if (failed) this.#failed += 1;
  }

  spikeEnded(result: SpikeResult): void {
    this.#spikes.push(result);
    if (this.#spikes.length > MOST_SPIKES) this.#spikes.shift();
  }

  /** Ends the period and begins the next one, even when the phase is the same: a new mark means new values from here. */
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

  /** Since the app started. A phase that was marked several times is one. */
  get totals(): Totals {
    const { writes, reads } = this.#witness.period;
    const { login, search } = this.#routes;
    const now = { phase: this.#phase, requests: { login, search }, witness: { writes, reads } };
    const phases = new Map<string | null, PhaseTotals>();
    for (const { phase, requests, witness } of [...this.#ended, now]) {
      const before = phases.get(phase);
      phases.set(phase, {
        phase,
        requests: (before?.requests ?? 0) + requests.login.requests + requests.search.requests,
        failed: (before?.failed ?? 0) + requests.login.errors + requests.search.errors,
        longestGapMs: Math.max(
          before?.longestGapMs ?? 0,
          witness.writes.longestGapMs,
          witness.reads.longestGapMs,
        ),
      });
    }
    const [requests, failed] = [this.#requests, this.#failed];
    return { since: this.#begunAt, requests, failed, phases: [...phases.values()].slice(-MOST_PHASES) };
  }

  #current(endedAt: number | null): PeriodReport {
    return {
      phase: this.#phase,
      startedAt: this.#startedAt,
      endedAt,
      requests: { login: this.#routes.login.counts, search: this.#routes.search.counts },
      spikes: this.#spikes,
      witness: this.#witness.period,
    };
  }
}
