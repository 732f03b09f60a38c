import type { PeriodReport, Report } from '../../../app/src/contract.ts';
import type { Terminal } from '../../ui/terminal.ts';
import type { Target } from '../phase/settings.ts';
import { type Death, showBookends } from './bookends.ts';
import { GET_IT } from './get-it.ts';

/** The totals of the evolution, as the app measured them. */
export interface Closing {
  /** Nodes before the first step that the app has seen, and now. */
  readonly from: number;
  readonly to: number;
  /** Since the start of that step. */
  readonly seconds: number;
  /** Of the app. */
  readonly requests: number;
  readonly failed: number;
  /** Acknowledged writes of the witness that were found again, and that were lost. */
  readonly confirmed: number;
  readonly lost: number;
  /** The longest time between two successful writes, or reads, of the witness. */
  readonly longestGapMs: number;
}

type Phase = Pick<Target, 'stack' | 'nodes'>;

/**
 * Since the first step, or since this step if the app was restarted in between. null when the target is not the last phase, or the app
 * has no record of the step.
 */
export function closing(
  report: Report,
  phases: readonly Phase[],
  target: Phase,
  before: string,
): Closing | null {
  const [first] = phases;
  if (first === undefined || target.stack !== phases.at(-1)?.stack || first.stack === target.stack)
    return null;
  const of =
    (stack: string) =>
    ({ phase }: PeriodReport) =>
      phase === stack || phase?.startsWith(`${stack}: `);
  const { periods } = report;
  const lastOfFirst = periods.findLastIndex(of(first.stack));
  const since = lastOfFirst >= 0 ? lastOfFirst : periods.findLastIndex((period) => !of(target.stack)(period));
  const seen = periods.slice(since + 1);
  const [begun] = seen;
  if (begun === undefined) return null;
  const sum = (value: (period: PeriodReport) => number) =>
    seen.reduce((total, period) => total + value(period), 0);
  const start = lastOfFirst >= 0 ? first : phases.find(({ stack }) => stack === before);
  return {
    from: start?.nodes ?? first.nodes,
    to: target.nodes,
    seconds: Math.round((report.at - begun.startedAt) / 1000),
    requests: sum(({ requests }) => requests.login.requests + requests.search.requests),
    failed: sum(({ requests }) => requests.login.errors + requests.search.errors),
    confirmed: sum(({ witness }) => witness.confirmed),
    lost: sum(({ witness }) => witness.lost),
    longestGapMs: Math.round(
      Math.max(
        ...seen.map(({ witness }) => Math.max(witness.writes.longestGapMs, witness.reads.longestGapMs)),
      ),
    ),
  };
}

const WORDS = ['No', 'One', 'Two', 'Three', 'Four', 'Five'];
const word = (count: number) => WORDS[count] ?? String(count);

/** e.g. `One node became three, live`. */
export function closingTitle({ from, to }: Closing): string {
  if (from === to) return 'All phases, live';
  return `${word(from)} node${from === 1 ? '' : 's'} became ${word(to).toLowerCase()}, live`;
}

const count = (value: number) => value.toLocaleString('en-US');
const gapText = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
const timeText = (seconds: number) =>
  seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;

/** What was measured, a line each. */
export function closingLines(closing: Closing): string[] {
  const { seconds, requests, failed, confirmed, lost, longestGapMs } = closing;
  return [
    `${count(requests)} requests, ${count(failed)} failed`,
    `${count(confirmed)} acknowledged writes found again, ${count(lost)} lost`,
    `${gapText(longestGapMs)} was the longest gap`,
    `Measured once, at the app, over ${timeText(seconds)}.`,
  ];
}

/** The last thing that the audience sees. `evolution`: null when the app has no record of it. */
export function showCard(
  { evolution, deaths }: { readonly evolution: Closing | null; readonly deaths: readonly Death[] },
  terminal: Terminal,
): void {
  terminal.heading(evolution === null ? 'A node dies' : closingTitle(evolution));
  if (evolution !== null) {
    const [requests = '', writes = '', gap = '', how = ''] = closingLines(evolution);
    terminal.line();
    const say = (ok: boolean, text: string) => (ok ? terminal.good(`  ${text}`) : terminal.bad(`  ${text}`));
    say(evolution.failed === 0, requests);
    say(evolution.lost === 0, writes);
    terminal.line(`  ${gap}`);
    terminal.quiet(`  ${how}`);
  }
  showBookends(deaths, terminal);
  terminal.line();
  for (const line of GET_IT) terminal.line(line);
  terminal.line();
}
