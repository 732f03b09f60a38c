import type { History } from '../src/contract.ts';
import { SERIES_COLUMNS } from '../src/live/series.ts';

/** One second of values, in the order of `SERIES_COLUMNS`; the first is the time. */
export type Row = readonly (number | null)[];

/** An hour at one row a second. */
export const CAPACITY = 3600;

/** The last hour of rows, oldest first, their times strictly rising. */
export class RowStore {
  readonly #capacity: number;
  #rows: Row[] = [];

  constructor(capacity = CAPACITY) {
    this.#capacity = capacity;
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** Rows at or after the new one's time give way, so that a repeated second or a clock set back never puts two rows out of order. */
  push(row: Row): void {
    while (this.#rows.length > 0 && timeOf(this.#rows.at(-1)) >= timeOf(row)) this.#rows.pop();
    this.#rows.push(row);
    if (this.#rows.length > this.#capacity) this.#rows.shift();
  }

  /** Only this: what was there before is of another time. */
  replace(rows: readonly Row[]): void {
    this.#rows = rows.slice(-this.#capacity);
  }

  /**
   * Takes in the server's history. Rows older than it are kept: after a restart of the server its history is short, and what
   * the audience has seen stays on the screen.
   */
  merge(rows: readonly Row[]): void {
    const first = rows[0];
    if (first === undefined) return;
    const older = this.#rows.filter((row) => timeOf(row) < timeOf(first));
    this.#rows = [...older, ...rows].slice(-this.#capacity);
  }
}

export function timeOf(row: Row | undefined): number {
  return row?.[0] ?? 0;
}

/** The rows of a history in this page's order of columns; a column that the server does not have is null. */
export function rowsOf(history: Pick<History, 'columns' | 'rows'>): Row[] {
  const indexes = SERIES_COLUMNS.map((name) => history.columns.indexOf(name));
  return history.rows.map((row) => indexes.map((index) => row[index] ?? null));
}
