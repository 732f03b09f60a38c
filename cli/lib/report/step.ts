import type { PeriodReport, Report } from '../../../app/src/contract.ts';
import type { Closing } from './closing.ts';
import type { Table } from './page.ts';
import { failures, losses, NO_PROOF } from './verdict.ts';

export interface Stage {
  readonly name: string;
  readonly seconds: number;
}

/** What the app measured during a step. */
export interface Witnessed {
  readonly seconds: number;
  readonly requests: number;
  readonly errors: number;
  readonly p99Ms: number | null;
  readonly writes: { readonly sent: number; readonly failed: number; readonly longestGapMs: number };
  readonly reads: { readonly sent: number; readonly failed: number; readonly longestGapMs: number };
  /** Acknowledged writes: found again, lost, stored more than once. */
  readonly confirmed: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly stale: number;
}

export interface StepReport {
  readonly ok: boolean;
  readonly problems: readonly string[];
  readonly from: string | null;
  readonly to: string;
  readonly startedAt: string;
  readonly seconds: number;
  readonly stages: readonly Stage[];
  /** Of the preview, by operation. */
  readonly changes: Readonly<Record<string, number>>;
  /** Whether it resumed an interrupted step: measurements from before the interruption may be missing. */
  readonly resumed: boolean;
  /** null on a fresh start, where the step itself created the app, and when the app did not answer. */
  readonly witness: Witnessed | null;
  /** Of the whole evolution; null before its last phase, and when the app did not answer. */
  readonly closing: Closing | null;
}

/** The last periods of the phase: a resumed step marks its phase more than once. */
export function periodsOf({ periods }: Report, phase: string): readonly PeriodReport[] {
  return periods.slice(periods.findLastIndex((period) => period.phase !== phase) + 1);
}

/** The sum of those periods. null when the phase was not marked. */
export function witnessed(report: Report, phase: string): Witnessed | null {
  const periods = periodsOf(report, phase);
  if (periods.length === 0) return null;
  const sum = (value: (period: PeriodReport) => number) =>
    periods.reduce((total, period) => total + value(period), 0);
  const most = (value: (period: PeriodReport) => number) => Math.max(...periods.map(value));
  const stream = (of: (period: PeriodReport) => PeriodReport['witness']['writes']) => ({
    sent: sum((p) => of(p).sent),
    failed: sum((p) => of(p).failed),
    longestGapMs: Math.round(most((p) => of(p).longestGapMs)),
  });
  const p99 = most((p) => Math.max(p.requests.login.latency.p99 ?? -1, p.requests.search.latency.p99 ?? -1));
  return {
    seconds: Math.round(sum((p) => (p.endedAt ?? report.at) - p.startedAt) / 1000),
    requests: sum((p) => p.requests.login.requests + p.requests.search.requests),
    errors: sum((p) => p.requests.login.errors + p.requests.search.errors),
    p99Ms: p99 < 0 ? null : Math.round(p99 * 10) / 10,
    writes: stream((p) => p.witness.writes),
    reads: stream((p) => p.witness.reads),
    confirmed: sum((p) => p.witness.confirmed),
    lost: sum((p) => p.witness.lost),
    duplicated: sum((p) => p.witness.duplicated),
    stale: sum((p) => p.witness.stale),
  };
}

/** The harm that the step did, one line each. */
export function harmSeen(witness: Witnessed): string[] {
  const { errors, requests, writes, reads } = witness;
  return [
    ...losses(witness),
    ...failures('writes of the witness', writes),
    ...failures('reads of the witness', reads),
    ...failures('requests', { sent: requests, failed: errors }),
    ...(writes.sent === 0 ? [NO_PROOF] : []),
  ];
}

/** The report as a short page. */
export function markdown(report: StepReport): string {
  return [
    `# ${titleOf(report)}`,
    '',
    `${report.startedAt}, ${report.seconds} s. ${verdictOf(report, (problem) => `**${problem}**`)}`,
    ...notesOf(report).flatMap((note) => ['', note]),
    ...tablesOf(report).flatMap(({ heads, rows }) => ['', ...table(heads, rows)]),
    '',
  ].join('\n');
}

export function titleOf({ from, to }: StepReport): string {
  return from === null ? `Fresh start at ${to}` : from === to ? `${to}, again` : `${from} to ${to}`;
}

/** `emphasis` is put around each problem. */
export function verdictOf(
  { ok, problems, witness }: StepReport,
  emphasis = (problem: string) => problem,
): string {
  if (!ok) return `${problems.map(emphasis).join('; ')}.`;
  if (witness === null) return 'There was no witness: this step created the app.';
  const asked = witness.requests > 0 ? 'No request failed' : "None of the witness's writes and reads failed";
  return `${asked}, nothing was lost.`;
}

export function notesOf({ resumed, changes, witness }: StepReport): string[] {
  const counts = Object.entries(changes)
    .filter(([op]) => op !== 'same')
    .map(([op, count]) => `${count} ${op}`);
  return [
    ...(resumed ? ['This run resumed a step that had been interrupted.'] : []),
    `Changes: ${counts.join(', ') || 'none'}; ${changes.same ?? 0} unchanged.`,
    ...(witness === null
      ? []
      : [
          `${witness.requests} requests of the app, ${witness.errors} failed${witness.p99Ms === null ? '' : `, p99 ${witness.p99Ms} ms`}.`,
        ]),
  ];
}

export function tablesOf({ stages, witness }: StepReport): Table[] {
  const times = {
    heads: ['stage', 'seconds'],
    rows: stages.map(({ name, seconds }) => [name, seconds.toFixed(1)]),
  };
  if (witness === null) return [times];
  const { writes, reads, lost } = witness;
  const seen = {
    heads: ['witness', 'writes', 'reads'],
    rows: [
      ['sent', String(writes.sent), String(reads.sent)],
      ['failed', String(writes.failed), String(reads.failed)],
      ['longest gap, ms', String(writes.longestGapMs), String(reads.longestGapMs)],
      ['acknowledged writes lost', String(lost), ''],
    ],
  };
  return [times, seen];
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)];
}
