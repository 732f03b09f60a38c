export interface Deadline {
  /** A `performance.now()` time. */
  readonly at: number;
  late(): void;
}

/**
 * Calls back at deadlines that hardly ever pass, with one timer for all of them: a timer for each statement and each that waits is made and
 * cleared thousands of times a second, for nothing.
 */
export class Deadlines {
  readonly #open = new Set<Deadline>();
  #timer: NodeJS.Timeout | undefined;
  /** When the timer is due. */
  #next = Number.POSITIVE_INFINITY;

  add(deadline: Deadline): void {
    this.#open.add(deadline);
    if (deadline.at < this.#next) this.#arm(deadline.at);
  }

  /** What had to be done is done. */
  delete(deadline: Deadline): void {
    this.#open.delete(deadline);
    // The timer stays: it finds nothing, and most often another deadline has come meanwhile.
  }

  #arm(at: number): void {
    clearTimeout(this.#timer);
    this.#next = at;
    // Whatever waits has a connection open, or is to open one: that keeps the process alive, not this.
    this.#timer = setTimeout(() => this.#look(), Math.max(0, Math.ceil(at - performance.now()))).unref();
  }

  #look(): void {
    this.#next = Number.POSITIVE_INFINITY;
    const now = performance.now();
    let next = Number.POSITIVE_INFINITY;
    for (const deadline of this.#open) {
      if (deadline.at > now) {
        next = Math.min(next, deadline.at);
        continue;
      }
      this.#open.delete(deadline);
      deadline.late();
    }
    if (next < this.#next) this.#arm(next);
  }
}
