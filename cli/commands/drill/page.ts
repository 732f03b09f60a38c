import type { App } from '../../lib/cluster/app.ts';
import { bookendTable, type Death } from '../../lib/report/bookends.ts';
import { page } from '../../lib/report/page.ts';
import type { Stretch } from '../../lib/report/stretch.ts';
import { askStretch } from '../../lib/step/witness.ts';
import type { Terminal } from '../../ui/terminal.ts';
import type { DrillPlan } from './kinds.ts';
import { publishedFor } from './published.ts';
import { type DrillResults, resultRows } from './results.ts';
import { harm, purposeOf } from './show.ts';

/** The course of the app's metrics during the drill of that label; null when the app does not tell, which is said. */
export async function stretchOfDrill(
  app: Pick<App, 'report' | 'history'>,
  label: string,
  terminal: Terminal,
): Promise<Stretch | null> {
  try {
    const { at, periods } = await app.report();
    const period = periods.findLast(({ phase }) => phase === label);
    if (period === undefined) return null;
    return await askStretch(app, { begun: period.startedAt, ended: period.endedAt ?? at }, terminal);
  } catch (error) {
    terminal.warning(`The report has no charts: ${(error as Error).message}`);
    return null;
  }
}

/** The report of a drill as one file for the browser. */
export function drillPage(
  plan: DrillPlan,
  startedAt: string,
  results: DrillResults,
  stretch: Stretch | null,
  deaths: readonly Death[] = [],
): string {
  const published = publishedFor(plan.kind);
  const [heads = [], ...rows] = bookendTable(deaths);
  const problems = harm(results);
  const gap = Math.max(results.longestWriteGap, results.longestReadGap);
  return page({
    title: `CockroachDB Live Evolution: drill ${plan.kind}`,
    startedAt,
    ok: problems.length === 0,
    verdict: problems.length === 0 ? 'No acknowledged write was lost.' : `${problems.join('; ')}.`,
    keyFigures: [
      { value: `${gap.toFixed(2)} s`, what: 'longest gap' },
      { value: String(results.sent.requests), what: `requests, ${results.failed.requests} failed` },
      { value: `${results.recovered.toFixed(0)} s`, what: 'until whole again' },
    ],
    stretch,
    tables: [
      { heads: ['measured here, once, at the app', ''], rows: resultRows(results) },
      ...(deaths.length > 1 ? [{ heads, rows }] : []),
      ...(published.length > 0
        ? [
            {
              text: true,
              heads: ['published by others, for their machines and their faults', 'figure', 'source'],
              rows: published.map(({ who, figure, source }) => [who, figure, source]),
            },
          ]
        : []),
    ],
    notes: [`${plan.title}. ${purposeOf(plan)}`],
  });
}
