import type { History, Mark, Playback, RecordedLine } from '../../../app/src/contract.ts';
import { toRow } from '../../../app/src/live/series.ts';
import type { Recorded } from '../../lib/recording/recording.ts';

export const SPEEDS = [0.5, 1, 2, 4, 8, 16] as const;

export interface Wanted {
  readonly paused?: boolean | undefined;
  readonly speed?: number | undefined;
  readonly positionMs?: number | undefined;
}

/** A recording and its playback position. Times are milliseconds; `now` is monotonic. */
export class Player {
  readonly #recorded: Recorded;
  readonly #now: () => number;
  readonly #durationMs: number;
  #positionMs = 0;
  /** Index of the next line to play. */
  #next = 0;
  #paused = false;
  #speed = 1;
  #jumps = 0;
  #lastAt: number;

  constructor(recorded: Recorded, now: () => number = () => performance.now()) {
    this.#recorded = recorded;
    this.#now = now;
    this.#lastAt = now();
    this.#durationMs = Math.max(0, (recorded.lines.at(-1) ?? recorded.first).at - recorded.first.at);
  }

  get playback(): Playback {
    return {
      name: this.#recorded.name,
      recordedAt: this.#recorded.first.at,
      durationMs: this.#durationMs,
      positionMs: Math.round(this.#positionMs),
      paused: this.#paused,
      speed: this.#speed,
      jumps: this.#jumps,
    };
  }

  /** Advances to the current time, and returns the lines that are due. Pauses at the end. */
  advance(): readonly RecordedLine[] {
    const now = this.#now();
    const passed = (now - this.#lastAt) * this.#speed;
    this.#lastAt = now;
    if (this.#paused) return [];
    this.#positionMs = Math.min(this.#durationMs, this.#positionMs + passed);
    if (this.#positionMs === this.#durationMs) this.#paused = true;
    const from = this.#next;
    this.#next = this.#indexAfter(this.#positionMs, from);
    return this.#recorded.lines.slice(from, this.#next);
  }

  /** Sets what is given. A position outside of the recording becomes the nearest end. Playing at the end starts over. */
  set({ paused, speed, positionMs }: Wanted): void {
    const atEnd = this.#positionMs === this.#durationMs;
    const position = positionMs ?? (paused === false && atEnd ? 0 : undefined);
    if (position !== undefined) {
      this.#positionMs = Math.min(Math.max(0, position), this.#durationMs);
      this.#next = this.#indexAfter(this.#positionMs, 0);
      this.#jumps += 1;
    }
    if (speed !== undefined) this.#speed = speed;
    if (paused !== undefined) this.#paused = paused;
    this.#lastAt = this.#now();
  }

  /** The history that a page would have received, had it opened at this position. */
  get history(): History {
    const { arg } = this.#recorded.first;
    const played = this.#recorded.lines.slice(0, this.#next);
    const snapshots = played.flatMap((line) => (line.call === 'snapshot' ? [line.arg] : []));
    const marks = new Map<string, Mark>();
    for (const mark of arg.marks) marks.set(keyOf(mark), mark);
    // A mark that has ended replaces the one that began.
    for (const line of played) if (line.call === 'mark') marks.set(keyOf(line.arg), line.arg);
    return {
      ...arg,
      rows: [...arg.rows, ...snapshots.map(toRow)],
      marks: [...marks.values()],
      latest: snapshots.at(-1) ?? arg.latest,
      needsToken: false,
      playback: this.playback,
    };
  }

  #indexAfter(positionMs: number, from: number): number {
    const { first, lines } = this.#recorded;
    let index = from;
    while (index < lines.length && (lines[index]?.at ?? 0) - first.at <= positionMs) index += 1;
    return index;
  }
}

function keyOf({ id, at }: Mark): string {
  return `${id} ${at}`;
}
