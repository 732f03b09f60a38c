import type { History, Mark } from '../../../app/src/contract.ts';

/** The app's record of the last hour: a row per second, and the marks of its timeline. */
export type Course = Pick<History, 'columns' | 'rows' | 'marks'>;

/** A part of that record, by the app's own clock. Times are epoch milliseconds; a value is null where nothing was measured. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** The start and the end of what the report is about. */
  readonly begun: number;
  readonly ended: number;
  readonly times: readonly number[];
  /** Requests per second that succeeded, and that failed. */
  readonly answered: readonly (number | null)[];
  readonly failed: readonly (number | null)[];
  /** Seconds since the last successful write or read of the witness, whichever is longer. */
  readonly gap: readonly (number | null)[];
  readonly marks: readonly Mark[];
}

/** Also shown before the start and after the end, for comparison. */
const AROUND_MS = 30_000;

/** From half a minute before to half a minute after, as far as the record goes; null when that is not even two rows. */
export function stretchOf(
  { columns, rows, marks }: Course,
  { begun, ended }: { readonly begun: number; readonly ended: number },
): Stretch | null {
  const at = columns.indexOf('at');
  const within = (time: number) => time >= begun - AROUND_MS && time <= ended + AROUND_MS;
  const seen = rows.filter((row) => within(row[at] ?? Number.NaN));
  const times = seen.map((row) => row[at] as number);
  const [from, to] = [times[0], times.at(-1)];
  if (from === undefined || to === undefined || to <= from) return null;
  const column = (name: string) => {
    const index = columns.indexOf(name);
    return seen.map((row) => (index < 0 ? null : (row[index] ?? null)));
  };
  const combine = (names: readonly string[], how: (values: readonly number[]) => number) => {
    const all = names.map(column);
    return seen.map((_, i) => {
      const values = all.flatMap((values) => values[i] ?? []);
      return values.length === 0 ? null : how(values);
    });
  };
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const errors = combine(['login.errors', 'search.errors'], sum);
  // An older app counts all answers, including failures.
  const all = combine(['login.rps', 'search.rps'], sum).map((rps, i) =>
    rps === null ? null : Math.max(0, rps - (errors[i] ?? 0)),
  );
  const answered = combine(['login.answered', 'search.answered'], sum).map(
    (value, i) => value ?? all[i] ?? null,
  );
  const gap = combine(['witness.writeGap', 'witness.readGap'], (gaps) => Math.max(...gaps) / 1000);
  return {
    from,
    to,
    begun: Math.max(begun, from),
    ended: Math.min(ended, to),
    times,
    answered,
    failed: errors,
    gap,
    marks: marks.filter((mark) => mark.at >= from && mark.at <= to).sort((a, b) => a.at - b.at),
  };
}
