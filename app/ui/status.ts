import { formatAge } from './format.ts';

/** What the hub connection itself says. */
export type Link = 'connecting' | 'connected' | 'reconnecting';

export interface Status {
  /** `stalled`: connected, but the server sends nothing. Only with `live` are the figures those of now. */
  readonly state: 'connecting' | 'live' | 'stalled' | 'reconnecting';
  readonly words: string;
  /** How old the figures are, in words; empty while they are fresh or when there were none. */
  readonly age: string;
}

/** Snapshots come once a second; after this long without one, the figures are old. */
const STALE_MS = 3_000;

/** `ageMs`: time since the last data, by the page's own clock; null when there was none. */
export function statusOf(link: Link, ageMs: number | null): Status {
  const age = ageMs === null ? '' : `last data ${formatAge(ageMs)} ago`;
  if (link === 'reconnecting') return { state: 'reconnecting', words: 'Reconnecting', age };
  if (link === 'connecting' || ageMs === null) return { state: 'connecting', words: 'Connecting', age };
  if (ageMs > STALE_MS) return { state: 'stalled', words: 'No data', age };
  return { state: 'live', words: 'Live', age: '' };
}
