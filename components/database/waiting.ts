import { isSqlState } from './sql.ts';

/** What a piece of work needs: when to stop, and where to report progress. */
export interface Run {
  /** Aborted when the work must end. Its reason is an error that says why. */
  readonly signal: AbortSignal;
  /** Prints one line for the user. */
  readonly say: (line: string) => void;
}

/** Result of a look at the cluster: done, with the result, or what is still missing. */
export type Look<T> = { readonly done: T } | { readonly waiting: string };

export interface Wait {
  /** What is waited for, e.g. `2 live nodes`. */
  readonly what: string;
  /** Seconds until the wait gives up. */
  readonly seconds: number;
  /** Seconds between two looks. */
  readonly every: number;
  /** What the user can do then: a whole sentence. */
  readonly next: string;
}

/** Time between two progress lines, in ms: after a change, and without one. */
const CALM = { changed: 4000, same: 30_000 };

/**
 * Looks again and again until it is done. A look that throws counts as one that is not done yet (a broken connection, say), unless
 * the error is one of `stop` or the database's own answer (a SQLSTATE as `code`). Throws at the deadline and when the run is aborted, with what was seen last and what to do next.
 */
export async function waitFor<T>(look: () => Promise<Look<T>>, wait: Wait, run: Run): Promise<T> {
  const start = Date.now();
  let seen = 'nothing yet';
  let said = { line: '', at: start };
  for (;;) {
    const shown = await attempt(look, run);
    if ('done' in shown) return shown.done;
    seen = shown.waiting;
    const elapsed = Math.round((Date.now() - start) / 1000);
    if (Date.now() - said.at >= (seen === said.line ? CALM.same : CALM.changed)) {
      run.say(`Waiting for ${wait.what}, ${elapsed} s: ${seen}`);
      said = { line: seen, at: Date.now() };
    }
    if (elapsed >= wait.seconds)
      throw new Error(`No ${wait.what} after ${elapsed} s. Seen last: ${seen}. ${wait.next}`);
    await sleep(wait.every * 1000, run.signal).catch((reason) => {
      throw new Error(
        `${reason.message} while waiting for ${wait.what}. Seen last: ${seen}. The same command resumes from here.`,
      );
    });
  }
}

async function attempt<T>(look: () => Promise<Look<T>>, run: Run): Promise<Look<T>> {
  try {
    return await look();
  } catch (error) {
    const { name, message, code } = error as { name: string; message: string; code?: unknown };
    if (run.signal.aborted || name === 'Stop' || isSqlState(code)) throw error;
    return { waiting: message };
  }
}

/** An error that ends every wait, because it does not go away by itself. */
export function stop(message: string): Error {
  return Object.assign(new Error(message), { name: 'Stop' });
}

/** Throws the signal's reason as soon as it is aborted. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const awake = new AbortController();
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    const wake = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', wake, { once: true, signal: awake.signal });
  });
  awake.abort();
  signal.throwIfAborted();
}

/**
 * The promise's result, or an error (named `TimedOut`) if it takes longer than `seconds`, or if the run is aborted. `what` names the other
 * side.
 */
export async function within<T>(
  promise: Promise<T>,
  seconds: number,
  what: string,
  signal: AbortSignal,
): Promise<T> {
  const settled = new AbortController();
  const limit = async (): Promise<never> => {
    await sleep(seconds * 1000, AbortSignal.any([signal, settled.signal]));
    throw Object.assign(new Error(`${what} did not answer within ${seconds} s`), { name: 'TimedOut' });
  };
  try {
    return await Promise.race([promise, limit()]);
  } finally {
    settled.abort();
  }
}
