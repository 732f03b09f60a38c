import type { WitnessPeriod, WitnessStream } from '../contract.ts';

/** Counts one kind of operation and measures the time between its successes. All times are monotonic milliseconds. */
export class Stream {
  #sent = 0;
  #failed = 0;
  #lastSuccess: number | undefined;
  #longest = 0;
  #period = { sent: 0, failed: 0, longest: 0 };
  #shown = 0;

  /** One operation was acknowledged. Returns the gap that it ended. */
  succeeded(now: number): number {
    const gap = this.currentGap(now);
    this.#sent += 1;
    this.#longest = Math.max(this.#longest, gap);
    this.#period.longest = Math.max(this.#period.longest, gap);
    this.#shown = Math.max(this.#shown, gap);
    this.#lastSuccess = now;
    return gap;
  }

  failed(): void {
    this.#sent += 1;
    this.#failed += 1;
  }

  /** Nothing has succeeded yet, and something has failed. */
  get neverAnswered(): boolean {
    return this.#lastSuccess === undefined && this.#failed > 0;
  }

  /** Since the last success; 0 before the first one, when there is nothing yet to interrupt. */
  currentGap(now: number): number {
    return this.#lastSuccess === undefined ? 0 : now - this.#lastSuccess;
  }

  report(now: number): WitnessStream {
    const current = this.currentGap(now);
    return {
      sent: this.#sent,
      failed: this.#failed,
      currentGapMs: Math.round(current),
      longestGapMs: Math.round(Math.max(this.#longest, current)),
    };
  }

  /** The values since `startPeriod`. */
  period(now: number): WitnessPeriod {
    return {
      sent: this.#sent - this.#period.sent,
      failed: this.#failed - this.#period.failed,
      longestGapMs: Math.round(Math.max(this.#period.longest, this.currentGap(now))),
    };
  }

  startPeriod(): void {
    this.#period = { sent: this.#sent, failed: this.#failed, longest: 0 };
    this.restartGap();
  }

  /** The longest gap since `restartGap`, the one in progress included. */
  shownGap(now: number): number {
    return Math.round(Math.max(this.#shown, this.currentGap(now)));
  }

  restartGap(): void {
    this.#shown = 0;
  }
}
