import { vi } from 'vitest';
import type { Random } from '../support/random.ts';

/** A process of the model. Killed, it stays for ever where it is: nothing of it runs any more, no `finally` either. */
export interface Process {
  readonly pid: number;
  readonly hostname: string;
  readonly command: string;
  readonly parent: Process | undefined;
  alive: boolean;
}

// Taken before the tests' timers stand in for the real ones.
const { setImmediate } = globalThis;
const drained = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Decides which process does its next effect, so that any two may meet in any order. */
export class Schedule {
  readonly random: Random;
  readonly processes: Process[] = [];
  #waiting: { readonly process: Process; readonly go: () => void }[] = [];
  #pid = 1000;
  /** What happened, for the report of a failure. */
  readonly trace: string[] = [];

  constructor(random: Random) {
    this.random = random;
  }

  start(command: string, hostname: string, parent?: Process): Process {
    this.#pid += 1;
    const process = { pid: this.#pid, hostname, command, parent, alive: true };
    this.processes.push(process);
    return process;
  }

  /** Before each effect. A process that is dead waits here for ever. */
  effect(process: Process, what: string): Promise<void> {
    return new Promise((resolve) => {
      if (!process.alive) return;
      this.#waiting.push({
        process,
        go: () => {
          this.trace.push(`${process.pid} ${what}`);
          resolve();
        },
      });
    });
  }

  /** `tree`: with all that it has started, as when the machine dies. `alone`: what it has started lives on. */
  kill(process: Process, what: 'tree' | 'alone'): void {
    this.trace.push(`${process.pid} is killed (${what})`);
    for (const one of this.processes.filter(
      (p) => p === process || (what === 'tree' && p.parent === process),
    ))
      one.alive = false;
    this.#waiting = this.#waiting.filter(({ process: { alive } }) => alive);
  }

  /** What it still waits for is of no interest any more. */
  end(process: Process): void {
    process.alive = false;
    this.#waiting = this.#waiting.filter(({ process: { alive } }) => alive);
  }

  /** A promise was broken: the first one counts. */
  broken: Error | undefined;

  looksAlive(pid: number, pattern: RegExp): boolean {
    return this.processes.some((p) => p.pid === pid && p.alive && pattern.test(p.command));
  }

  /** Lets one effect after another happen until it is over. `before` may kill somebody first. */
  async until(over: () => boolean, before: (next: Process) => void = () => {}): Promise<void> {
    for (let turns = 0; ; turns++) {
      await drained();
      if (this.broken !== undefined) throw this.broken;
      if (over()) return;
      if (turns > 20_000) throw new Error('it does not come to an end');
      const next = this.random.pick(this.#waiting);
      if (next === undefined) {
        // Everybody waits for time to pass.
        await vi.advanceTimersByTimeAsync(1000);
        continue;
      }
      before(next.process);
      if (!next.process.alive) continue;
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      next.go();
    }
  }

  /** Lets what killed processes have left behind come to its end. */
  async settle(): Promise<void> {
    await this.until(() => this.#waiting.length === 0);
  }
}
