import type { Fault } from './faults.ts';
import type { Answer } from './load.ts';

/** When a fault was on. Times are `performance.now()` milliseconds. */
export interface Episode {
  readonly name: string;
  readonly database: Fault['database'];
  readonly beginsAt: number;
  /** From here to `endsAt` it was on for certain. */
  readonly begunAt: number;
  readonly endsAt: number;
  readonly endedAt: number;
  /** When the next one began. */
  readonly until: number;
}

export interface Verdict {
  readonly name: string;
  readonly seconds: number;
  readonly sent: number;
  readonly failed: number;
  /** From the end of the fault until requests, and `/readyz`, succeed and none that is sent later fails. */
  readonly recoveryMs: number;
  /** Answers of `/readyz` that were wrong, and failures where nothing may fail. */
  readonly wrong: readonly string[];
}

/** What is sent so shortly before the next fault, and not answered when that begins, is for that one to answer for. Milliseconds. */
const HAND_OVER_MS = 1000;

/** What the answers say of how the app took a fault. */
export function judge(episode: Episode, answers: readonly Answer[]): Verdict {
  const { beginsAt, until } = episode;
  const during = answers.filter(({ sentAt, doneAt }) => {
    return sentAt >= beginsAt && sentAt < until && (doneAt < until || sentAt < until - HAND_OVER_MS);
  });
  const requests = during.filter(({ kind }) => kind !== 'readyz');
  return {
    name: episode.name,
    seconds: (episode.endedAt - episode.beginsAt) / 1000,
    sent: requests.length,
    failed: requests.filter(failed).length,
    recoveryMs: Math.max(
      ...(['login', 'search', 'readyz'] as const).map((kind) => recovery(episode, kind, during)),
    ),
    wrong: wrongs(episode, during),
  };
}

const failed = ({ kind, status }: Answer) => status !== (kind === 'login' ? 201 : 200);

function recovery({ endedAt }: Episode, kind: Answer['kind'], during: readonly Answer[]): number {
  const after = during.filter((answer) => answer.kind === kind && answer.sentAt >= endedAt);
  const successes = after.filter((answer) => !failed(answer));
  if (successes.length === 0) return Number.POSITIVE_INFINITY;
  const firstSuccess = successes.reduce(
    (first, { doneAt }) => Math.min(first, doneAt),
    Number.POSITIVE_INFINITY,
  );
  const lastFailure = after.filter(failed).reduce((last, { sentAt }) => Math.max(last, sentAt), endedAt);
  return Math.max(firstSuccess, lastFailure) - endedAt;
}

function wrongs({ name, database, begunAt, endsAt }: Episode, during: readonly Answer[]): string[] {
  if (database === 'here')
    return during.filter(failed).map(({ kind, status }) => `${name}: ${kind} was answered with ${status}`);
  if (database === 'partly') return [];
  return during
    .filter(({ kind, status, sentAt, doneAt }) => {
      return kind === 'readyz' && sentAt > begunAt && doneAt < endsAt && status !== 503;
    })
    .map(({ status }) => `${name}: /readyz was answered with ${status}`);
}
