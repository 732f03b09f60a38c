import type { Terminal } from '../rehearse/terminal.ts';
import { type Figures, figureRows } from './figures.ts';
import type { DrillPlan, Kind } from './kinds.ts';
import { PUBLISHED } from './published.ts';

/** What is about to be done. */
export function showPlan(terminal: Terminal, { title, acts, undo }: DrillPlan): void {
  terminal.heading('Drill: an exercise, not a part of the evolution');
  terminal.line(`\n${title}, under load.`);
  terminal.list(
    'It does what these commands do',
    [...acts, ...(undo === null ? [] : [undo])].map((act) => act.command),
    '$',
  );
}

/** What was measured, beside what others published. */
export function showFigures(terminal: Terminal, kind: Kind, figures: Figures): void {
  terminal.heading('Measured here, once, at the app');
  terminal.line();
  terminal.table([['', ''], ...figureRows(figures)]);
  terminal.quiet('The witness asks 4 times a second, so no gap is shorter than about 0.25 s.');
  terminal.heading('Published by others, for their machines and their faults');
  terminal.line();
  for (const { who, figure, source } of PUBLISHED[kind]) {
    terminal.line(`${figure.padEnd(30)}  ${who}`);
    terminal.quiet(`${' '.repeat(32)}${source}`);
  }
}

/** Without harm: nothing lost, nothing doubled. A failed request is a figure, not harm: a node was taken away. */
export function harm({ lost, duplicated, sent }: Figures): string[] {
  return [
    ...(lost > 0 ? [`${lost} acknowledged writes are lost`] : []),
    ...(duplicated > 0 ? [`${duplicated} writes are there twice`] : []),
    ...(sent.witness === 0 ? ['the witness sent nothing, so it says nothing'] : []),
  ];
}

/** The report as a short page. */
export function markdown(plan: DrillPlan, startedAt: string, figures: Figures): string {
  return [
    `# Drill ${plan.kind}`,
    '',
    `${startedAt}: ${plan.title}. An exercise, not a part of the evolution.`,
    '',
    '| measured here, once, at the app | |',
    '|---|---:|',
    ...figureRows(figures).map((cells) => `| ${cells.join(' | ')} |`),
    '',
    'Published by others, for their machines and their faults:',
    '',
    '| figure | who | source |',
    '|---|---|---|',
    ...PUBLISHED[plan.kind].map(({ figure, who, source }) => `| ${figure} | ${who} | ${source} |`),
    '',
  ].join('\n');
}
