import { bookendTable, type Death } from '../../lib/report/bookends.ts';
import { losses, NO_PROOF } from '../../lib/report/verdict.ts';
import type { Terminal } from '../../ui/terminal.ts';
import type { DrillPlan, Kind } from './kinds.ts';
import { publishedFor } from './published.ts';
import { type DrillResults, resultRows } from './results.ts';

/** What is about to be done. */
export function showPlan(terminal: Terminal, { title, harms, acts, undo }: DrillPlan): void {
  terminal.heading(
    harms.length > 0 ? 'Outage, on purpose' : 'Drill: an exercise, not a part of the evolution',
  );
  terminal.line(`\n${title}, under load.`);
  terminal.list('What it does to whom', harms);
  terminal.list(
    'It does what these commands do',
    [...acts, ...(undo === null ? [] : [undo])].map((act) => act.command),
    '$',
  );
}

/** What was measured, beside what others published. */
export function showResults(terminal: Terminal, kind: Kind, results: DrillResults): void {
  terminal.heading('Measured here, once, at the app');
  terminal.line();
  terminal.table([['', ''], ...resultRows(results)]);
  terminal.quiet('The witness asks 4 times a second, so no gap is shorter than about 0.25 s.');
  const published = publishedFor(kind);
  if (published.length === 0) return;
  terminal.heading('Published by others, for their machines and their faults');
  terminal.line();
  for (const { who, figure, source } of published) {
    terminal.line(`${figure.padEnd(30)}  ${who}`);
    terminal.quiet(`${' '.repeat(32)}${source}`);
  }
}

/** Without harm: nothing lost, nothing duplicated. A failed request is a result, not harm: a node was taken away. */
export function harm(results: DrillResults): string[] {
  return [...losses(results), ...(results.sent.witness === 0 ? [NO_PROOF] : [])];
}

/** The report as a short page. */
export function markdown(
  plan: DrillPlan,
  startedAt: string,
  results: DrillResults,
  deaths: readonly Death[] = [],
): string {
  const published = publishedFor(plan.kind);
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const [heads = [], ...rows] = bookendTable(deaths);
  return [
    `# Drill ${plan.kind}`,
    '',
    `${startedAt}: ${plan.title}. ${purposeOf(plan)}`,
    '',
    '| measured here, once, at the app | |',
    '|---|---:|',
    ...resultRows(results).map((cells) => `| ${cells.join(' | ')} |`),
    '',
    ...(deaths.length > 1
      ? [row(heads), row(heads.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(row), '']
      : []),
    ...(published.length > 0
      ? [
          'Published by others, for their machines and their faults:',
          '',
          '| figure | who | source |',
          '|---|---|---|',
          ...published.map(({ figure, who, source }) => row([figure, who, source])),
          '',
        ]
      : []),
  ].join('\n');
}

export const purposeOf = ({ harms }: Pick<DrillPlan, 'harms'>) =>
  harms.length > 0 ? 'An outage, on purpose.' : 'An exercise, not a part of the evolution.';
