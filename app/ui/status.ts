import type { Playback } from '../src/contract.ts';
import { formatAge } from './common/format.ts';

/** What the hub connection itself says. */
export type Link = 'connecting' | 'connected' | 'reconnecting' | 'full';

export interface Status {
  /**
   * `stalled`: connected, but the server sends nothing. `away`: it sends, and says that the database does not answer. `full`: it takes
   * no more pages. `recording`: what is shown was recorded. Only with `live` and `away` are the values current.
   */
  readonly state: 'connecting' | 'live' | 'away' | 'recording' | 'stalled' | 'reconnecting' | 'full';
  readonly words: string;
  /** How old the values are, in words; empty while they are fresh or when there were none. */
  readonly age: string;
}

/** Snapshots come once a second; after this long without one, the values are old. */
const STALE_MS = 3_000;

/**
 * `ageMs`: time since the last data, by the page's own clock; null when there was none. `answers`: whether the database does. `playback`:
 * of a recording, which is never live, and whose data is not older for being paused.
 */
export function statusOf(
  link: Link,
  ageMs: number | null,
  answers: boolean,
  playback: Pick<Playback, 'paused'> | null = null,
): Status {
  const age = ageMs === null ? '' : `last data ${formatAge(ageMs)} ago`;
  if (link === 'full') return { state: 'full', words: 'Full', age };
  if (link === 'reconnecting') return { state: 'reconnecting', words: 'Reconnecting', age };
  if (link === 'connecting' || ageMs === null) return { state: 'connecting', words: 'Connecting', age };
  if (playback !== null)
    return { state: 'recording', words: playback.paused ? 'Recording, paused' : 'Recording', age: '' };
  if (ageMs > STALE_MS) return { state: 'stalled', words: 'No data', age };
  if (!answers) return { state: 'away', words: 'Database away', age: '' };
  return { state: 'live', words: 'Live', age: '' };
}
