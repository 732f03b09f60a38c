import type { Mark } from '../../../app/src/contract.ts';
import { chart, clock } from './chart.ts';
import { escaped } from './escape.ts';
import type { Stretch } from './stretch.ts';
import { STYLE } from './style.ts';

export interface Table {
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Whether all columns are text, and not only the first. @default false */
  readonly text?: boolean;
}

/** The content of a report, all of it plain text: it is escaped here. */
export interface Page {
  readonly title: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly ok: boolean;
  readonly verdict: string;
  /** The few numbers that matter, in large type. */
  readonly keyFigures: readonly { readonly value: string; readonly what: string }[];
  /** null when the app did not answer: then there are no charts. */
  readonly stretch: Stretch | null;
  readonly tables: readonly Table[];
  readonly notes: readonly string[];
}

/** A report as one self-contained file: it can be mailed, opened years later, and printed. */
export function page({ title, startedAt, ok, verdict, keyFigures, stretch, tables, notes }: Page): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    // Whatever a label holds, nothing is loaded or run.
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    `<h1>${escaped(title)}</h1>`,
    `<p><time datetime="${escaped(startedAt)}">${escaped(startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'))}</time></p>`,
    `<p class="${ok ? 'good' : 'bad'}">${escaped(verdict)}</p>`,
    keyFigures.length === 0
      ? ''
      : `<ul class="figures">${keyFigures.map(({ value, what }) => `<li><b>${escaped(value)}</b> ${escaped(what)}</li>`).join('')}</ul>`,
    ...(stretch === null ? [] : charts(stretch)),
    ...tables.map(table),
    ...notes.map((note) => `<p class="note">${escaped(note)}</p>`),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function charts(stretch: Stretch): string[] {
  const { answered, failed, gap, marks, begun } = stretch;
  return [
    chart(stretch, { title: 'Requests answered', unit: 'a second', values: answered, kind: 'answered' }),
    chart(stretch, { title: 'Requests failed', unit: 'a second', values: failed, kind: 'failed' }),
    chart(stretch, {
      title: 'Since the witness last succeeded',
      unit: 's',
      values: gap,
      kind: 'gap',
    }),
    '<p class="note">Times are minutes and seconds from the start of the shaded period, which this report is about. There is one point per second: a gap between two points shows only in the numbers.</p>',
    marks.length === 0
      ? ''
      : `<ol class="marks">${marks.map((mark) => `<li>${escaped(markText(mark, begun))}</li>`).join('')}</ol>`,
  ];
}

function markText({ kind, label, at, until }: Mark, begun: number): string {
  const end = typeof until === 'number' ? ` to ${clock(until - begun)}` : '';
  return `${clock(at - begun)}${end} ${kind}: ${label}`;
}

function table({ heads, rows, text = false }: Table): string {
  const line = (cells: readonly string[], tag: 'th' | 'td') =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<table${text ? ' class="text"' : ''}>\n<thead>${line(heads, 'th')}</thead>\n<tbody>\n${rows.map((row) => line(row, 'td')).join('\n')}\n</tbody>\n</table>`;
}
