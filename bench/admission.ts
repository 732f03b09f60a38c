import { setTimeout as sleep } from 'node:timers/promises';
import { AdmissionQueue } from '../app/src/database/admission-queue.ts';

// As the app's pool: ten connections, and what may wait for each. A statement takes 20 ms, so that 500 a second can be done.
const PLACES = 10;
const WAITING = 500;
const STATEMENT_MS = 20;
const CAPACITY = (PLACES * 1000) / STATEMENT_MS;
const DEADLINE_MS = 1000;
/** A statement with less time than this is not begun. */
const LEAST_MS = 100;
const SECONDS = 8;

interface Queue {
  take(deadline: number): Promise<void>;
  give(): void;
}

/** What a plain limit does: in order of arrival, whatever time is left; too many are refused when they come. */
class PlainLimit implements Queue {
  #free = PLACES;
  readonly #waiting: (() => void)[] = [];

  async take(deadline: number): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    if (this.#waiting.length >= WAITING) throw new Error('too many wait');
    await new Promise<void>((resolve, reject) => {
      const go = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1);
        reject(new Error('timeout'));
      }, deadline - performance.now());
      this.#waiting.push(go);
    });
  }

  give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}

interface Served {
  /** Of what could be done, the share that was answered in time. */
  readonly share: number;
  /** Of what was answered in time. Milliseconds. */
  readonly median: number;
}

export interface Admission {
  /** What was asked for, as a multiple of what can be done. */
  readonly load: number;
  readonly plain: Served;
  readonly adaptive: Served;
}

/** Serves more than can be done, by either queue: how much is answered within the deadline, and how soon. */
export async function measureAdmission(): Promise<Admission[]> {
  const results: Admission[] = [];
  for (const load of [0.9, 1.5, 3])
    results.push({
      load,
      plain: await serve(new PlainLimit(), load),
      adaptive: await serve(new AdmissionQueue(PLACES, WAITING), load),
    });
  return results;
}

async function serve(queue: Queue, load: number): Promise<Served> {
  const all = CAPACITY * load * SECONDS;
  const begin = performance.now();
  const requests: Promise<number | null>[] = [];
  while (requests.length < all) {
    const due = Math.min(all, ((performance.now() - begin) / 1000) * CAPACITY * load);
    while (requests.length < due) requests.push(request(queue));
    await sleep(1);
  }
  const answered = (await Promise.all(requests)).filter((ms) => ms !== null).sort((a, b) => a - b);
  const seconds = (performance.now() - begin) / 1000;
  return {
    share: answered.length / (Math.min(1, load) * CAPACITY * seconds),
    median: answered[Math.floor(answered.length / 2)] ?? Number.NaN,
  };
}

/** How long its answer took; null when that did not come in time. A statement without time to end in is not begun, as in the app. */
async function request(queue: Queue): Promise<number | null> {
  const begin = performance.now();
  const deadline = begin + DEADLINE_MS;
  try {
    await queue.take(deadline - LEAST_MS);
  } catch {
    return null;
  }
  // Some statements take five times as long as the others.
  await sleep(Math.random() < 0.1 ? STATEMENT_MS * 5 : (STATEMENT_MS * 5) / 9);
  queue.give();
  const end = performance.now();
  return end <= deadline ? end - begin : null;
}

export function printAdmission(results: readonly Admission[]): void {
  console.log(`Of what ${PLACES} connections can do, answered within ${DEADLINE_MS} ms`);
  const text = ({ share, median }: Served) =>
    `${(100 * share).toFixed(0)} % (median ${median.toFixed(0)} ms)`;
  for (const { load, plain, adaptive } of results)
    console.log(
      `  offered ${load.toFixed(1)} times that: plain limit ${text(plain)}, admission queue ${text(adaptive)}`,
    );
}
