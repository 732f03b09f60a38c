/** What the database was seen to do with acknowledged writes. */
export interface Verdicts {
  readonly confirmed: number;
  readonly unconfirmed: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly stale: number;
}

interface Entry {
  readonly acknowledgedAt: number;
  confirmed: boolean;
}

/**
 * The acknowledged writes of the witness, by sequence number, and what became of each. Pure: it decides what to look for and
 * what an answer means, and leaves the asking to others. Times are monotonic milliseconds.
 *
 * A write counts as lost only on the word of the writer, which must have it: a reader may be a few seconds behind.
 */
export class Ledger {
  readonly #allowanceMs: number;
  readonly #entries = new Map<number, Entry>();
  /** The numbers of the entries, in order, because the newest are needed often. */
  #order: number[] = [];
  readonly #suspects = new Set<number>();
  #confirmed = 0;
  #lost = 0;
  readonly #duplicated = new Set<number>();
  #duplicates = 0;
  #stale = 0;

  constructor(allowanceMs: number) {
    this.#allowanceMs = allowanceMs;
  }

  acknowledged(seq: number, now: number): void {
    this.#entries.set(seq, { acknowledgedAt: now, confirmed: false });
    // Acknowledgements come nearly in order.
    let index = this.#order.length;
    while (index > 0 && (this.#order[index - 1] as number) > seq) index -= 1;
    this.#order.splice(index, 0, seq);
  }

  /** The acknowledged writes that are kept, oldest first. */
  get kept(): readonly number[] {
    return this.#order;
  }

  /**
   * What the next read should look for: half of them the newest acknowledged writes, half the newest that the reader must have by now.
   * At a high rate the newest alone would all be younger than the allowance, and no reader could ever be caught.
   */
  toRead(now: number, count: number): number[] {
    const { kept } = this;
    const isDue = (seq: number) => now - (this.#entries.get(seq)?.acknowledgedAt ?? now) >= this.#allowanceMs;
    const newest = kept.slice(-count);
    if (newest.length < count || newest.filter(isDue).length >= count / 2) return newest;
    const due: number[] = [];
    for (let i = kept.length - 1; i >= 0 && due.length < count / 2; i -= 1) {
      const seq = kept[i] as number;
      if (isDue(seq)) due.push(seq);
    }
    // Acknowledgements come out of order: one may be in both halves.
    return [...new Set([...due, ...kept.slice(-count / 2)])];
  }

  /** Writes that the reader should have found but did not. The writer is asked about them next. */
  get suspects(): number[] {
    return [...this.#suspects];
  }

  /**
   * What the reader answered for `asked`. `askedAt` is when the question was sent: only what was acknowledged the allowance before
   * that can be missed.
   */
  readerAnswered(asked: readonly number[], found: readonly number[], askedAt: number): void {
    const counts = this.#count(found);
    for (const seq of asked) {
      const entry = this.#entries.get(seq);
      if (entry === undefined) continue;
      if (counts.has(seq)) this.#confirm(entry);
      else if (askedAt - entry.acknowledgedAt >= this.#allowanceMs) this.#suspects.add(seq);
    }
  }

  /** What the writer answered for `asked`, all of which had been acknowledged when it was asked. It is believed. Returns what is lost. */
  writerAnswered(asked: readonly number[], found: readonly number[]): number[] {
    const counts = this.#count(found);
    const lost: number[] = [];
    let stale = false;
    for (const seq of asked) {
      const entry = this.#entries.get(seq);
      const suspected = this.#suspects.delete(seq);
      if (entry === undefined) continue;
      if (counts.has(seq)) {
        this.#confirm(entry);
        stale ||= suspected;
      } else {
        lost.push(seq);
        if (entry.confirmed) this.#confirmed -= 1;
        this.#entries.delete(seq);
      }
    }
    if (lost.length > 0) this.#reorder();
    this.#lost += lost.length;
    // The writer has what the reader should have had: the reader was too far behind.
    if (stale) this.#stale += 1;
    return lost;
  }

  /**
   * Stops to keep what was confirmed and acknowledged before `time`. Returns the sequence number below which nothing is kept any
   * more, so that those rows may go; acknowledgements come out of order, so it is the lowest that is kept.
   */
  forgetBefore(time: number): number {
    for (const [seq, entry] of this.#entries) {
      if (entry.acknowledgedAt >= time || !entry.confirmed) continue;
      this.#entries.delete(seq);
      this.#suspects.delete(seq);
      this.#duplicated.delete(seq);
    }
    this.#reorder();
    return this.kept[0] ?? 0;
  }

  get verdicts(): Verdicts {
    let unconfirmed = 0;
    for (const entry of this.#entries.values()) if (!entry.confirmed) unconfirmed += 1;
    return {
      confirmed: this.#confirmed,
      unconfirmed,
      lost: this.#lost,
      duplicated: this.#duplicates,
      stale: this.#stale,
    };
  }

  /** After entries have gone. */
  #reorder(): void {
    this.#order = this.#order.filter((seq) => this.#entries.has(seq));
  }

  #confirm(entry: Entry): void {
    if (entry.confirmed) return;
    entry.confirmed = true;
    this.#confirmed += 1;
  }

  #count(found: readonly number[]): Map<number, number> {
    const counts = new Map<number, number>();
    for (const seq of found) counts.set(seq, (counts.get(seq) ?? 0) + 1);
    for (const [seq, count] of counts) {
      if (count > 1 && this.#entries.has(seq) && !this.#duplicated.has(seq)) {
        this.#duplicated.add(seq);
        this.#duplicates += 1;
      }
    }
    return counts;
  }
}
