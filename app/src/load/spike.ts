import type { SpikeResult, SpikeState } from '../contract.ts';
import { LatencyHistogram } from '../telemetry/histogram.ts';
import { loginCall, searchCall } from './calls.ts';
import type { HttpClient } from './http-client.ts';
import { Pacer } from './pacer.ts';

export interface SpikePlan {
  readonly seconds: number;
  readonly rps: number;
  /** Weights; only their ratio counts. */
  readonly mix: { readonly login: number; readonly search: number };
}

/** Requests in progress per request a second: two seconds' worth. Beyond that a request fails unsent, so that memory stays bounded. */
const MOST_IN_PROGRESS_SECONDS = 2;

interface Run {
  readonly plan: SpikePlan;
  readonly startedAt: number;
  readonly begin: number;
  readonly latencies: LatencyHistogram;
  readonly pacer: Pacer;
  sent: number;
  answered: number;
  failed: number;
  inProgress: number;
  planEnded: boolean;
  stopped: boolean;
  readonly ended: (result: SpikeResult) => void;
}

/** A spike of real HTTP requests against the app, one at a time, at a rate that slow answers do not slow. */
export class Spike {
  readonly #client: HttpClient;
  readonly #onResult: (result: 'ok' | 'failed') => void;
  #run: Run | undefined;
  #last: SpikeResult | null = null;
  #answeredInSecond = 0;
  #achieved = 0;

  constructor(options: {
    readonly client: HttpClient;
    readonly onResult?: (result: 'ok' | 'failed') => void;
  }) {
    this.#client = options.client;
    this.#onResult = options.onResult ?? (() => {});
  }

  get running(): boolean {
    return this.#run !== undefined;
  }

  /** Calls `ended` once, when the last answer is here. Throws when one runs already. */
  start(plan: SpikePlan, ended: (result: SpikeResult) => void = () => {}): void {
    if (this.#run !== undefined) throw new Error('a spike is running');
    const share = plan.mix.login / (plan.mix.login + plan.mix.search);
    const run: Run = {
      plan,
      startedAt: Date.now(),
      begin: performance.now(),
      latencies: new LatencyHistogram(),
      pacer: new Pacer({
        rps: plan.rps,
        seconds: plan.seconds,
        fire: (scheduledAt) => void this.#send(run, scheduledAt, share),
        done: () => {
          run.planEnded = true;
          this.#endIfDone(run);
        },
      }),
      sent: 0,
      answered: 0,
      failed: 0,
      inProgress: 0,
      planEnded: false,
      stopped: false,
      ended,
    };
    this.#run = run;
  }

  /** What is in progress is still waited for. Does nothing when none runs. */
  stop(): void {
    if (this.#run === undefined || this.#run.planEnded) return;
    this.#run.stopped = true;
    this.#run.pacer.stop();
  }

  /** Closes the second for `achievedRps`. To be called once a second. */
  tick(): void {
    this.#achieved = this.#answeredInSecond;
    this.#answeredInSecond = 0;
  }

  get state(): SpikeState {
    const run = this.#run;
    return {
      running: run !== undefined,
      targetRps: run?.plan.rps ?? 0,
      achievedRps: this.#achieved,
      activeWorkers: run?.inProgress ?? 0,
      secondsLeft:
        run === undefined ? 0 : Math.max(0, run.plan.seconds - (performance.now() - run.begin) / 1000),
      last: this.#last,
    };
  }

  async #send(run: Run, scheduledAt: number, loginShare: number): Promise<void> {
    run.sent += 1;
    if (run.inProgress >= Math.max(10, run.plan.rps * MOST_IN_PROGRESS_SECONDS)) {
      this.#failed(run);
      return;
    }
    run.inProgress += 1;
    try {
      const status = await this.#client.send(Math.random() < loginShare ? loginCall() : searchCall());
      run.latencies.add(performance.now() - scheduledAt);
      run.answered += 1;
      this.#answeredInSecond += 1;
      if (status >= 400) this.#failed(run);
      else this.#onResult('ok');
    } catch {
      this.#failed(run);
    } finally {
      run.inProgress -= 1;
      this.#endIfDone(run);
    }
  }

  #failed(run: Run): void {
    run.failed += 1;
    this.#onResult('failed');
  }

  #endIfDone(run: Run): void {
    if (!run.planEnded || run.inProgress > 0 || this.#run !== run) return;
    this.#run = undefined;
    const elapsed = (performance.now() - run.begin) / 1000;
    this.#last = {
      startedAt: run.startedAt,
      seconds: elapsed,
      targetRps: run.plan.rps,
      achievedRps: elapsed === 0 ? 0 : run.answered / elapsed,
      sent: run.sent,
      failed: run.failed,
      latency: run.latencies.latency(),
      stopped: run.stopped,
    };
    run.ended(this.#last);
  }
}
