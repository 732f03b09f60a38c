import { setTimeout as sleep } from 'node:timers/promises';
import type { Report } from '../../../app/src/contract.ts';

/** Between two looks at the app. Milliseconds. */
const EVERY_MS = 500;
/** The witness asks four times a second; in a calm demo its gap stays far below. Milliseconds. */
const DARK_MS = 2000;
/** After its end, for an outage that is just over. */
const LAST_LOOKS = 3;
/** Two looks at the same success differ by less. Milliseconds. */
const SAME_MS = 50;

/** One look at the app. Times are epoch milliseconds by its own clock. */
interface Look {
  readonly at: number;
  /** Requests that failed, and the writes and reads of the witness that did, so far. */
  readonly failed: number;
  /** How long the database has not answered. */
  readonly gapMs: number;
}

/** Sees an outage begin and end in one look after another. */
export class OutageWatch {
  #before: Look | undefined;
  /** Since when nothing was answered. */
  #since: number | null = null;

  get dark(): boolean {
    return this.#since !== null;
  }

  /** The line that tells of it; null when there is no news. */
  look(seen: Look): string | null {
    const before = this.#before;
    this.#before = seen;
    if (before === undefined) return null;
    const failed = seen.failed - before.failed;
    if (this.#since === null) {
      if (failed <= 0 && seen.gapMs < DARK_MS) return null;
      this.#since = seen.at - seen.gapMs;
      return failed > 0 ? 'Requests begin to fail.' : 'The database does not answer.';
    }
    // Something succeeded since, lately, and nothing failed.
    const succeeded = seen.at - seen.gapMs > this.#since + SAME_MS;
    if (!succeeded || seen.gapMs > DARK_MS / 2 || failed > 0) return null;
    const seconds = (seen.at - seen.gapMs - this.#since) / 1000;
    this.#since = null;
    return `Requests are answered again, after about ${Math.max(1, Math.round(seconds))} s.`;
  }
}

/** Says when requests begin to fail, and when they are answered again, until the signal is aborted. Never rejects. */
export async function tellOutages(
  report: () => Promise<Report>,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const watch = new OutageWatch();
  for (let left = LAST_LOOKS; ; ) {
    // What is over when this ends is still told, though its last failures may be seen only now.
    const last = signal.aborted && (!watch.dark || --left < 0);
    // A look that fails is one look less: the code that needs the app reports it.
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
