/**
 * Calls `fire` at a fixed rate, on a schedule that was set at the start: slow work does not slow it down, and what a busy
 * process could not send in time is sent late, with the time that it was planned for. (Open loop: without it, a stalled server
 * would hide its own stall by not being asked.)
 */
export class Pacer {
  readonly #rps: number;
  readonly #most: number;
  readonly #fire: (scheduledAt: number) => void;
  readonly #done: () => void;
  readonly #start = performance.now();
  #timer: NodeJS.Timeout;
  #fired = 0;
  #stopped = false;

  /** `seconds` may be Infinity. `scheduledAt` is a `performance.now()` time; `done` is called once, after the last or after `stop`. */
  constructor(options: {
    rps: number;
    seconds: number;
    fire: (scheduledAt: number) => void;
    done?: () => void;
  }) {
    this.#rps = options.rps;
    this.#most = Math.round(options.rps * options.seconds);
    this.#fire = options.fire;
    this.#done = options.done ?? (() => {});
    this.#timer = setTimeout(() => this.#tick(), 0);
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#done();
  }

  #tick(): void {
    const now = performance.now();
    while (!this.#stopped && this.#fired < this.#most && this.#plannedAt(this.#fired) <= now) {
      const scheduledAt = this.#plannedAt(this.#fired);
      this.#fired += 1;
      this.#fire(scheduledAt);
    }
    if (this.#stopped) return;
    // The last request has its own slot: the schedule ends when that is over.
    if (this.#fired >= this.#most && this.#plannedAt(this.#most) <= now) this.stop();
    else this.#timer = setTimeout(() => this.#tick(), this.#plannedAt(this.#fired) - now);
  }

  #plannedAt(index: number): number {
    return this.#start + (index * 1000) / this.#rps;
  }
}
