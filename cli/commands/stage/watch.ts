import { setTimeout as sleep } from 'node:timers/promises';

export interface WatchOptions {
  /** What is told of, e.g. `the page`. */
  readonly name: string;
  /** Rejects when there is no answer. */
  readonly ask: () => Promise<void>;
  readonly say: { readonly bad: (text: string) => void; readonly good: (text: string) => void };
  readonly signal: AbortSignal;
  /** Between two questions, while all is well and while it is not. Milliseconds. */
  readonly pace?: { readonly well: number; readonly broken: number };
}

const PACE = { well: 5000, broken: 1000 };

/** Whether something behind a port-forward answers. Says once when it no longer does, and when it does again. */
export class Watch {
  readonly #options: WatchOptions;
  #brokenSince: number | null = null;
  #wake = new AbortController();

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** A connection broke: whether that was all is looked at now. */
  suspect(): void {
    this.#wake.abort();
  }

  /** Until the signal is aborted. Never rejects. */
  async run(): Promise<void> {
    const { signal, pace = PACE } = this.#options;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      await this.#look();
      const ms = this.#brokenSince === null ? pace.well : pace.broken;
      // One that is known to be broken is not asked more often for it.
      const awake = this.#brokenSince === null ? AbortSignal.any([signal, this.#wake.signal]) : signal;
      await sleep(ms, undefined, { signal: awake }).catch(() => {});
    }
  }

  async #look(): Promise<void> {
    const { name, ask, say, signal } = this.#options;
    const since = this.#brokenSince;
    try {
      await ask();
      if (since === null || signal.aborted) return;
      this.#brokenSince = null;
      say.good(
        `${time()} The port-forward to ${name} is back, after ${Math.ceil((Date.now() - since) / 1000)} s.`,
      );
    } catch (error) {
      if (since !== null || signal.aborted) return;
      this.#brokenSince = Date.now();
      say.bad(
        `${time()} The port-forward to ${name} broke: ${(error as Error).message.slice(0, 200)}. Trying again ...`,
      );
    }
  }
}

const time = () => new Date().toTimeString().slice(0, 8);
