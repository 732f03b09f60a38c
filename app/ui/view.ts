import type { Mark } from '../src/contract.ts';
import type { Row } from './store.ts';
import type { Columns } from './window.ts';

/** What all charts and the strip draw in a frame: the same stretch of time. */
export interface View {
  readonly from: number;
  /** Now, by the server's clock: the end of the axis. */
  readonly to: number;
  /** The time of the latest data: what is in progress is only known to last until here. */
  readonly known: number;
  readonly columns: Columns;
  /** The latest second, whole, also where a point of the charts stands for more. */
  readonly latest: Row | null;
  readonly marks: readonly Mark[];
}
