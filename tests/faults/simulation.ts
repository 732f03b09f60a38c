/** Events on a clock of its own: minutes pass in milliseconds, and in the same order each time. */
export class Simulation {
  readonly #events: { readonly at: number; readonly run: () => void }[] = [];
  #now = 0;

  get now(): number {
    return this.#now;
  }

  /** Calls `run` when this many milliseconds have passed. Events of one moment keep their order. */
  after(ms: number, run: () => void): void {
    const at = this.#now + ms;
    let index = this.#events.length;
    while (index > 0 && (this.#events[index - 1]?.at ?? 0) > at) index -= 1;
    this.#events.splice(index, 0, { at, run });
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  every(ms: number, until: number, run: () => void): void {
    this.after(ms, () => {
      if (this.#now > until) return;
      run();
      this.every(ms, until, run);
    });
  }

  /** Until nothing is left to happen. */
  async run(): Promise<void> {
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
      this.#now = next.at;
      next.run();
      // Whatever waits for this event goes on before the next one.
      await new Promise(setImmediate);
    }
  }
}
