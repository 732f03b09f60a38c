import { setTimeout as sleep } from 'node:timers/promises';
import type { Report } from '../../../app/src/contract.ts';

/** Between two reads of the app's report. Milliseconds. */
const EVERY_MS = 500;
/** A gap this long is an outage. The witness writes four times a second, so its gap normally stays far below. Milliseconds. */
const DARK_MS = 2000;
/** Reads after the signal, for an outage that is just ending. */
const LAST_LOOKS = 3;
/** Two times of the same success differ by less. Milliseconds. */
const SAME_MS = 50;

/** What one read found. Times are epoch milliseconds by its own clock. */
interface Look {
  readonly at: number;
  /** Requests that failed, and the writes and reads of the witness that did, so far. */
  readonly failed: number;
  /** How long ago the last success was. */
  readonly gapMs: number;
}

/** Detects the start and the end of an outage from one read after another. */
export class OutageWatch {
  #before: Look | undefined;
  /** When the outage began; null when there is none. */
  #since: number | null = null;

  get dark(): boolean {
    return this.#since !== null;
  }

  /** A line when an outage starts or ends; otherwise null. */
  look(seen: Look): string | null {
    const before = this.#before;
    this.#before = seen;
    if (before === undefined) return null;
    const failed = seen.failed - before.failed;
    if (this.#since === null) {
      if (failed <= 0 && seen.gapMs < DARK_MS) return null;
      this.#since = seen.at - seen.gapMs;
      return failed > 0 ? 'Requests are failing.' : 'The database does not answer.';
    }
    // There was a success since then, a recent one, and no failure.
    const succeeded = seen.at - seen.gapMs > this.#since + SAME_MS;
    if (!succeeded || seen.gapMs > DARK_MS / 2 || failed > 0) return null;
    const seconds = (seen.at - seen.gapMs - this.#since) / 1000;
    this.#since = null;
    return `Requests succeed again, after about ${Math.max(1, Math.round(seconds))} s.`;
  }
}

/** Says when requests start to fail, and when they succeed again, until the signal is aborted. Never rejects. */
export async function tellOutages(
  report: () => Promise<Report>,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const watch = new OutageWatch();
  for (let left = LAST_LOOKS; ; ) {
    // An outage that ends at about the same time is still reported, though its last failures may only show now.
    const last = signal.aborted && (!watch.dark || --left < 0);
    // A failed read is skipped: the code that needs the app reports the failure.
    const seen = await report().catch(() => null);
    const line = seen === null ? null : watch.look(lookOf(seen));
    if (line !== null) say(line);
    if (last || (signal.aborted && seen === null)) return;
    await sleep(EVERY_MS, undefined, signal.aborted ? {} : { signal }).catch(() => {});
  }
}

function lookOf({ at, periods, witness: { writes, reads } }: Report): Look {
  const requests = periods.reduce(
    (total, { requests: { login, search } }) => total + login.errors + search.errors,
    0,
  );
  return {
    at,
    failed: requests + writes.failed + reads.failed,
    gapMs: Math.max(writes.currentGapMs, reads.currentGapMs),
  };
}
