import type { Snapshot } from '../contract.ts';
import { SERIES_COLUMNS, toRow } from './series.ts';

/** An hour, at one snapshot a second. */
const MOST_ROWS = 3600;

/** What a page that opens late gets: the rows of the last hour. */
export class SnapshotHistory {
  readonly columns = SERIES_COLUMNS;
  readonly #rows: (number | null)[][] = [];
  #latest: Snapshot | null = null;

  add(snapshot: Snapshot): void {
    this.#latest = snapshot;
    this.#rows.push(toRow(snapshot));
    if (this.#rows.length > MOST_ROWS) this.#rows.shift();
  }

  get rows(): readonly (readonly (number | null)[])[] {
    return this.#rows;
  }

  get latest(): Snapshot | null {
    return this.#latest;
  }
}
