import { closingLines, closingTitle } from '../../lib/report/closing.ts';
import { page } from '../../lib/report/page.ts';
import { notesOf, type StepReport, tablesOf, titleOf, verdictOf } from '../../lib/report/step.ts';
import type { Stretch } from '../../lib/report/stretch.ts';

/** The report of a step as one file for the browser. */
export function stepPage(report: StepReport, stretch: Stretch | null): string {
  const { ok, startedAt, witness, closing, seconds } = report;
  const keyFigures =
    witness === null
      ? []
      : [
          { value: String(witness.requests), what: `requests, ${witness.errors} failed` },
          { value: String(witness.confirmed), what: `acknowledged writes found again, ${witness.lost} lost` },
          {
            value: `${(Math.max(witness.writes.longestGapMs, witness.reads.longestGapMs) / 1000).toFixed(2)} s`,
            what: 'longest gap',
          },
          { value: `${seconds} s`, what: 'from check to report' },
        ];
  return page({
    title: `CockroachDB Live Evolution: ${titleOf(report)}`,
    startedAt,
    ok,
    verdict: verdictOf(report),
    keyFigures,
    stretch,
    tables: tablesOf(report),
    notes: [
      ...notesOf(report),
      ...(closing === null ? [] : [`${closingTitle(closing)}: ${closingLines(closing).join('. ')}`]),
      'The witness is a part of the sample app: it writes and reads 4 times a second by default, so no gap is shorter than about 0.25 s.',
    ],
  });
}
