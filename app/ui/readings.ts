import type { ClusterFigures, Snapshot, WitnessState } from '../src/live/types.ts';
import { formatCount, formatMs, NONE, type Quantity, quantityOfMs } from './format.ts';

/** `watch`: worth a look. `alarm`: something that must not be. */
export type Level = 'calm' | 'watch' | 'alarm';

/** One of the big figures. */
export interface Reading extends Quantity {
  readonly detail: string;
  readonly level: Level;
}

export const READINGS = ['rps', 'errors', 'p99', 'gap', 'lost', 'nodes', 'underReplicated'] as const;
export type ReadingName = (typeof READINGS)[number];

/** The witness writes and reads several times a second, so a gap this long is one that a user would notice. */
const NOTICEABLE_GAP_MS = 1_000;

const count = (value: number | null | undefined): Quantity => ({ value: formatCount(value), unit: '' });

const larger = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.max(a, b);

/** The big figures of one snapshot. A figure that the server does not have (no cluster figures configured) is absent. */
export function readingsOf(snapshot: Snapshot): Partial<Record<ReadingName, Reading>> {
  const { login, search } = snapshot.routes;
  const errors = login.errors + search.errors;
  return {
    rps: {
      ...count(login.rps + search.rps),
      detail: `login ${formatCount(login.rps)} · search ${formatCount(search.rps)}`,
      level: 'calm',
    },
    errors: {
      ...count(errors),
      detail: `login ${formatCount(login.errors)} · search ${formatCount(search.errors)}`,
      level: errors > 0 ? 'watch' : 'calm',
    },
    p99: {
      ...quantityOfMs(larger(login.p99, search.p99)),
      detail: `login ${formatMs(login.p99)} · search ${formatMs(search.p99)}`,
      level: 'calm',
    },
    gap: gapReading(snapshot.witness),
    lost: lostReading(snapshot.witness),
    ...(snapshot.cluster === null ? {} : clusterReadings(snapshot.cluster)),
  };
}

function gapReading({ writes, reads }: WitnessState): Reading {
  const now: string[] = [];
  if (writes.currentGapMs > NOTICEABLE_GAP_MS) now.push(`no write for ${formatMs(writes.currentGapMs)}`);
  if (reads.currentGapMs > NOTICEABLE_GAP_MS) now.push(`no read for ${formatMs(reads.currentGapMs)}`);
  return {
    ...quantityOfMs(Math.max(writes.longestGapMs, reads.longestGapMs)),
    detail:
      now.length > 0
        ? now.join(' · ')
        : `writes ${formatMs(writes.longestGapMs)} · reads ${formatMs(reads.longestGapMs)}`,
    level: now.length > 0 ? 'watch' : 'calm',
  };
}

function lostReading({ lost, duplicated, confirmed, unconfirmed }: WitnessState): Reading {
  const problems = [
    ...(lost > 0 ? ['acknowledged, but gone'] : []),
    ...(duplicated > 0 ? [`${formatCount(duplicated)} written twice`] : []),
  ];
  if (problems.length > 0) return { ...count(lost), detail: problems.join(' · '), level: 'alarm' };
  const detail = `${formatCount(confirmed)} found · ${formatCount(unconfirmed)} to check`;
  return { ...count(lost), detail, level: 'calm' };
}

function clusterReadings(
  cluster: ClusterFigures,
): Pick<Record<ReadingName, Reading>, 'nodes' | 'underReplicated'> {
  const { liveNodes, underReplicatedRanges, problem } = cluster;
  const unknown = problem ?? 'no figure from Prometheus';
  return {
    nodes: {
      ...count(liveNodes),
      detail: liveNodes === null ? unknown : 'live in the cluster',
      level: liveNodes === null ? 'watch' : 'calm',
    },
    underReplicated: {
      ...count(underReplicatedRanges),
      detail:
        underReplicatedRanges === null
          ? unknown
          : underReplicatedRanges > 0
            ? 'copies still to be made'
            : 'every range has its copies',
      level: underReplicatedRanges === 0 ? 'calm' : 'watch',
    },
  };
}

/** Before the first snapshot there is nothing to say. */
export const NO_READING: Reading = { value: NONE, unit: '', detail: 'waiting for data', level: 'calm' };
