import type { PeriodReport, Report, SpikeResult, WitnessState } from '../../../app/src/contract.ts';
import { failures, losses } from '../../lib/report/verdict.ts';
import { isKill } from './stage/kill.ts';

const START = 'start';

export interface PhaseResult {
  /** `start` is the time before the first phase was marked. */
  readonly phase: string;
  readonly seconds: number;
  /** That the app answered; errors are answers of 5xx. */
  readonly requests: number;
  readonly errors: number;
  readonly spikes: readonly Pick<SpikeResult, 'targetRps' | 'achievedRps' | 'sent' | 'failed' | 'latency'>[];
  readonly witness: { readonly sent: number; readonly failed: number };
  /** The longest time between two successes of the witness, in milliseconds. */
  readonly longestWriteGapMs: number;
  readonly longestReadGapMs: number;
  /** Acknowledged writes: found again, not in the database any more, there more than once. */
  readonly confirmed: number;
  readonly lost: number;
  readonly duplicated: number;
}

export interface Outcome {
  readonly ok: boolean;
  /** Why it is not ok, a line each. */
  readonly problems: readonly string[];
  readonly phases: readonly PhaseResult[];
  /** From the start of the app. */
  readonly witness: WitnessState;
}

/**
 * What a report says of the phases that were played. A phase in which nothing was measured is a problem, not a success, unless the rehearsal
 * was left early (`whole` is false): what there was no time for is not a problem then.
 */
export function judge(report: Report, phases: readonly string[], whole = true): Outcome {
  const results = merge(report.periods.map((period) => toResult(period, report.at)));
  const missing = phases.filter((phase) => !results.some((f) => f.phase === phase));
  const problems = [
    ...(whole ? missing : []).map((phase) => `${phase}: not in the app's report`),
    ...results.flatMap((f) => problemsOf(f, whole).map((problem) => `${f.phase}: ${problem}`)),
  ];
  const { confirmed } = report.witness;
  if (whole && confirmed === 0)
    problems.push('the witness found none of its writes again, so it says nothing about losses');
  return { ok: problems.length === 0, problems, phases: results, witness: report.witness };
}

function problemsOf(results: PhaseResult, whole: boolean): string[] {
  const { phase, requests, errors, spikes, witness } = results;
  const spike = { sent: sum(spikes.map((s) => s.sent)), failed: sum(spikes.map((s) => s.failed)) };
  // Where a node was killed, requests may fail: that is reported and not a problem of the step. A loss always is.
  const failing = isKill(phase)
    ? []
    : [
        ...failures('requests', { sent: requests, failed: errors }),
        ...failures('requests of the spike', spike),
        ...failures('writes and reads of the witness', witness),
      ];
  return [
    ...failing,
    ...losses(results),
    ...(whole && phase !== START && !isKill(phase) && requests === 0 ? ['no request was measured'] : []),
  ];
}

/** One row a phase: it continues after a node was killed in it. */
function merge(periods: readonly PhaseResult[]): PhaseResult[] {
  const merged = new Map<string, PhaseResult>();
  for (const next of periods) {
    const before = merged.get(next.phase);
    merged.set(next.phase, before === undefined ? next : added(before, next));
  }
  return [...merged.values()];
}

function added(a: PhaseResult, b: PhaseResult): PhaseResult {
  return {
    phase: a.phase,
    seconds: Math.round((a.seconds + b.seconds) * 10) / 10,
    requests: a.requests + b.requests,
    errors: a.errors + b.errors,
    spikes: [...a.spikes, ...b.spikes],
    witness: { sent: a.witness.sent + b.witness.sent, failed: a.witness.failed + b.witness.failed },
    longestWriteGapMs: Math.max(a.longestWriteGapMs, b.longestWriteGapMs),
    longestReadGapMs: Math.max(a.longestReadGapMs, b.longestReadGapMs),
    confirmed: a.confirmed + b.confirmed,
    lost: a.lost + b.lost,
    duplicated: a.duplicated + b.duplicated,
  };
}

function toResult(period: PeriodReport, now: number): PhaseResult {
  const { login, search } = period.requests;
  const { writes, reads, confirmed, lost, duplicated } = period.witness;
  return {
    phase: period.phase ?? START,
    seconds: Math.round(((period.endedAt ?? now) - period.startedAt) / 100) / 10,
    requests: login.requests + search.requests,
    errors: login.errors + search.errors,
    spikes: period.spikes.map(({ targetRps, achievedRps, sent, failed, latency }) => ({
      targetRps,
      achievedRps: Math.round(achievedRps * 10) / 10,
      sent,
      failed,
      latency,
    })),
    witness: { sent: writes.sent + reads.sent, failed: writes.failed + reads.failed },
    longestWriteGapMs: Math.round(writes.longestGapMs),
    longestReadGapMs: Math.round(reads.longestGapMs),
    confirmed,
    lost,
    duplicated,
  };
}

/** The results as rows of text, the heads of the columns first. */
export function outcomeTable(outcome: Outcome): string[][] {
  const heads = [
    'phase',
    'seconds',
    'requests',
    'errors',
    'spike rps',
    'failed',
    'p99 ms',
    'write gap ms',
    'read gap ms',
    'lost',
  ];
  const shown = outcome.phases.filter((f) => f.phase !== START || f.requests > 0);
  const rows = shown.map((f) => [
    f.phase,
    f.seconds.toFixed(1),
    String(f.requests),
    String(f.errors),
    f.spikes.map((s) => `${s.achievedRps.toFixed(1)}/${s.targetRps}`).join(' ') || '-',
    f.spikes.length > 0 ? String(sum(f.spikes.map((s) => s.failed))) : '-',
    f.spikes.map((s) => s.latency.p99?.toFixed(0) ?? '-').join(' ') || '-',
    String(f.longestWriteGapMs),
    String(f.longestReadGapMs),
    String(f.lost),
  ]);
  return [heads, ...rows];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
