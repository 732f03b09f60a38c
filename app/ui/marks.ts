import type { Mark } from '../src/contract.ts';

export const MARK_CAPACITY = 500;

/** The marks that the page keeps, oldest first. */
export class MarkStore {
  readonly #capacity: number;
  #marks: Mark[] = [];
  /** Grows with every change, so that a list is only rebuilt when it must be. */
  version = 0;

  constructor(capacity = MARK_CAPACITY) {
    this.#capacity = capacity;
  }

  get marks(): readonly Mark[] {
    return this.#marks;
  }

  /** A mark that comes again, because it ended, takes the place of the first. */
  upsert(mark: Mark): void {
    const index = this.#marks.findIndex((known) => isSame(known, mark));
    if (index === -1) {
      this.#marks.push(mark);
      this.#marks.sort((a, b) => a.at - b.at);
      if (this.#marks.length > this.#capacity) this.#marks.shift();
    } else {
      this.#marks[index] = mark;
    }
    this.version++;
  }

  /** Only these: what was there before is of another time. */
  replace(marks: readonly Mark[]): void {
    this.#marks = [...marks].sort((a, b) => a.at - b.at).slice(-this.#capacity);
    this.version++;
  }

  /**
   * Takes in the marks of the server's history. Those from before a restart of the server are kept; what was in progress then
   * and is unknown to the server now will never be ended by it, so it ends with the last data, at `lastSeen`.
   */
  merge(marks: readonly Mark[], lastSeen: number): void {
    const older = this.#marks
      .filter((known) => !marks.some((mark) => isSame(known, mark)))
      .map((known) => (known.until === null ? { ...known, until: Math.max(known.at, lastSeen) } : known));
    this.#marks = [...older, ...marks].sort((a, b) => a.at - b.at).slice(-this.#capacity);
    this.version++;
  }
}

/** Ids start again when the server does, so the time belongs to a mark's identity. */
function isSame(a: Mark, b: Mark): boolean {
  return a.id === b.id && a.at === b.at;
}

/** The end of a mark on the time axis: a moment ends where it begins, and one in progress reaches to `known`, the latest data. */
export function endOf(mark: Mark, known: number): number {
  if (mark.until === undefined) return mark.at;
  return mark.until ?? Math.max(known, mark.at);
}

export function isSpan(mark: Mark): boolean {
  return mark.until !== undefined;
}

/** The marks that touch the time between `from` and `to`. */
export function marksBetween(marks: readonly Mark[], from: number, to: number): Mark[] {
  return marks.filter((mark) => mark.at <= to && endOf(mark, to) >= from);
}

export interface Period {
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

/** The stretches between phase marks, cut to the window; the one before the first mark has no name and is left out. */
export function periodsBetween(marks: readonly Mark[], from: number, to: number): Period[] {
  const phases = marks.filter((mark) => mark.kind === 'phase');
  return phases
    .map((mark, i) => ({
      label: mark.label,
      from: Math.max(mark.at, from),
      to: Math.min(phases[i + 1]?.at ?? to, to),
    }))
    .filter((period) => period.to > period.from);
}
