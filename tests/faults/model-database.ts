import type { WitnessDatabase } from '../../app/src/witness/witness.ts';
import type { Random } from '../support/random.ts';
import type { Simulation } from './simulation.ts';

interface Row {
  readonly seq: number;
  readonly committedAt: number;
  goneAt: number;
  copies: number;
}

export interface Conditions {
  /** Share of operations that meet trouble. */
  readonly trouble: number;
  /** Usual time of one way, in milliseconds. */
  readonly delayMs: number;
  /** The reader answers from up to this long ago. */
  readonly lagMs: number;
}

type Trouble = 'refused' | 'no answer' | 'done, then no answer' | 'no answer, done later';
const TROUBLES: readonly Trouble[] = [
  'refused',
  'no answer',
  'done, then no answer',
  'no answer, done later',
];
const MOST_ATTEMPTS = 3;

/**
 * A correct database, and the way to it: answers come late and out of order, fail, get lost when the work is done, and work that was given
 * up is done after all. The reader is behind, no further than it may be. A test takes correctness away by the `may...` members and `rows`.
 */
export class ModelDatabase implements WitnessDatabase {
  readonly rows = new Map<number, Row>();
  /** What was acknowledged. */
  readonly acknowledged = new Set<number>();
  conditions: Conditions;
  /** How often a write is stored. 0 is a lie, 2 one time too many. */
  copiesOf: (seq: number) => number = () => 1;
  /** The moment that an answer is from. */
  readerSnapshot: (now: number) => number;
  writerSnapshot: (now: number) => number = (now) => now;
  readonly #simulation: Simulation;
  readonly #random: Random;

  constructor(simulation: Simulation, random: Random, conditions: Conditions) {
    this.#simulation = simulation;
    this.#random = random;
    this.conditions = conditions;
    this.readerSnapshot = (now) => now - random() * this.conditions.lagMs;
  }

  async write(seq: number): Promise<void> {
    await this.#work(() => this.#commit(seq));
    this.acknowledged.add(seq);
  }

  readFromReader(seqs: readonly number[]): Promise<number[]> {
    return this.#work(() => this.#visible(seqs, this.readerSnapshot(this.#simulation.now)));
  }

  readFromWriter(seqs: readonly number[]): Promise<number[]> {
    return this.#work(() => this.#visible(seqs, this.writerSnapshot(this.#simulation.now)));
  }

  removeBelow(seq: number): Promise<void> {
    return this.#work(() => {
      for (const row of this.rows.values()) if (row.seq < seq) this.#remove(row);
    });
  }

  /** Rows that are lost from now on. */
  forget(seqs: readonly number[]): void {
    for (const seq of seqs) {
      const row = this.rows.get(seq);
      if (row) this.#remove(row);
    }
  }

  #remove(row: Row): void {
    row.goneAt = Math.min(row.goneAt, this.#simulation.now);
  }

  /** A write that is there already is not stored again: the table's key says so. */
  #commit(seq: number): void {
    const committedAt = this.#simulation.now;
    if (this.rows.has(seq)) return;
    this.rows.set(seq, { seq, committedAt, goneAt: Number.POSITIVE_INFINITY, copies: this.copiesOf(seq) });
  }

  #visible(seqs: readonly number[], at: number): number[] {
    return seqs.flatMap((seq) => {
      const row = this.rows.get(seq);
      if (row === undefined || row.committedAt > at || row.goneAt <= at) return [];
      return Array.from({ length: row.copies }, () => seq);
    });
  }

  /** As the app's connection does: tries again when it met trouble, and gives up in the end. */
  async #work<T>(work: () => T): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(work);
      } catch (error) {
        if (attempt === MOST_ATTEMPTS || this.#random.chance(0.4)) throw error;
      }
    }
  }

  async #attempt<T>(work: () => T): Promise<T> {
    const trouble = this.#random.chance(this.conditions.trouble) ? this.#random.pick(TROUBLES) : undefined;
    await this.#way();
    if (trouble === 'no answer, done later') this.#simulation.after(this.#random() * 8000, work);
    const result = trouble === undefined || trouble === 'done, then no answer' ? work() : undefined;
    if (trouble !== undefined && trouble !== 'refused') await this.#simulation.sleep(this.#random() * 2000);
    await this.#way();
    if (trouble !== undefined) throw new Error(trouble);
    return result as T;
  }

  /** Mostly about the usual time, seldom seconds. */
  #way(): Promise<void> {
    const { delayMs } = this.conditions;
    return this.#simulation.sleep(
      this.#random.chance(0.01) ? this.#random() * 3000 : this.#random() * 2 * delayMs,
    );
  }
}
