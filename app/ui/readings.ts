import type { Snapshot, WitnessState } from '../src/contract.ts';
import { answered } from '../src/live/series.ts';
import { formatClock, formatCount, formatMs, NONE, type Quantity, quantityOfMs } from './common/format.ts';

/** `watch`: worth a look. `alarm`: something that must not be. */
export type Level = 'calm' | 'watch' | 'alarm';

/** One of the large numbers. */
export interface Reading extends Quantity {
  readonly detail: string;
  readonly level: Level;
}

export const READINGS = ['answered', 'failed', 'p99', 'gap', 'lost'] as const;
export type ReadingName = (typeof READINGS)[number];

/** The witness writes and reads several times a second, so a gap this long is one that a user would notice. */
export const NOTICEABLE_GAP_MS = 1_000;

const count = (value: number | null | undefined): Quantity => ({ value: formatCount(value), unit: '' });

const larger = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.max(a, b);

/** The large numbers of one snapshot. */
export function readingsOf(snapshot: Snapshot): Record<ReadingName, Reading> {
  const { login, search } = snapshot.routes;
  const failed = login.errors + search.errors;
  return {
    answered: {
      ...count(answered(login) + answered(search)),
      detail: `login ${formatCount(answered(login))} · search ${formatCount(answered(search))}`,
      level: 'calm',
    },
    failed: {
      ...count(failed),
      detail: `login ${formatCount(login.errors)} · search ${formatCount(search.errors)}`,
      level: failed > 0 ? 'watch' : 'calm',
    },
    p99: {
      ...quantityOfMs(larger(login.p99, search.p99)),
      detail: `login ${formatMs(login.p99)} · search ${formatMs(search.p99)}`,
      level: 'calm',
    },
    gap: gapReading(snapshot),
    lost: lostReading(snapshot.witness),
  };
}

function gapReading({ witness: { writes, reads }, gap }: Snapshot): Reading {
  const now: string[] = [];
  if (writes.currentGapMs > NOTICEABLE_GAP_MS) now.push(`no write for ${formatMs(writes.currentGapMs)}`);
  if (reads.currentGapMs > NOTICEABLE_GAP_MS) now.push(`no read for ${formatMs(reads.currentGapMs)}`);
  return {
    ...quantityOfMs(Math.max(gap.writesMs, gap.readsMs)),
    detail: now.length > 0 ? now.join(' · ') : `since ${formatClock(gap.since)}`,
    level: now.length > 0 ? 'watch' : 'calm',
  };
}

function lostReading({ lost, duplicated, confirmed, unconfirmed }: WitnessState): Reading {
  const problems = [
    ...(lost > 0 ? ['acknowledged, but gone'] : []),
    ...(duplicated > 0 ? [`${formatCount(duplicated)} written twice`] : []),
  ];
  if (problems.length > 0) return { ...count(lost), detail: problems.join(' · '), level: 'alarm' };
  const detail = `${formatCount(confirmed)} of ${formatCount(confirmed + unconfirmed)} found again`;
  return { ...count(lost), detail, level: 'calm' };
}

/** Before the first snapshot there is nothing to say. */
export const NO_READING: Reading = { value: NONE, unit: '', detail: 'waiting for data', level: 'calm' };
