import picocolors from 'picocolors';
import type { Difference } from './compare.ts';
import { compactText, MARKS, paintOf, statementsOf } from './show.ts';

export interface Screen {
  /** Lines that fit. Infinity when the output is not a screen. */
  readonly rows: number;
  /** Characters that fit in a line. */
  readonly columns: number;
  readonly color: boolean;
}

/**
 * The difference on one screen: a line for each change, in the order of `up`, and below it the statements that it runs. If the statements
 * do not fit, only their number is shown. If the changes do not fit either, the last line says how many more lines there are.
 */
export function briefLines(difference: Difference, screen: Screen): string[] {
  const literal = linesOf(difference, screen, true);
  if (literal.length <= screen.rows) return literal;
  const counted = linesOf(difference, screen, false);
  return counted.length <= screen.rows ? counted : cut(counted, screen.rows);
}

/** As many lines as fit. If some are left out, the last line says how many. */
export function cut(lines: readonly string[], rows: number): string[] {
  if (lines.length <= rows) return [...lines];
  const shown = Math.max(1, rows - 1);
  return [...lines.slice(0, shown), `... and ${lines.length - shown} more lines`];
}

function linesOf({ changes }: Difference, { columns, color }: Screen, literal: boolean): string[] {
  const colors = picocolors.createColors(color);
  const paint = paintOf(colors);
  // Aligned in columns, unless space is short.
  const width = literal ? Math.max(0, ...changes.map(({ resource }) => resource.name.length)) : 0;
  return changes.flatMap((change) => {
    const { action, resource } = change;
    const statements = statementsOf(change);
    const text = compactText(change, literal ? 0 : statements.length);
    const [first = '', ...more] = wrapped(`${resource.name.padEnd(width)}  ${text}`, columns - 3, width + 2);
    return [
      `${paint[action](MARKS[action].padEnd(2))} ${first}`,
      ...more.map((line) => `   ${line}`),
      ...(literal
        ? statements.flatMap((sql) => wrapped(sql, columns - 2, 2).map((line) => `  ${line}`))
        : []),
    ];
  });
}

/** Lines of at most `columns` characters, broken at spaces; all but the first are indented. A longer word stays whole. */
export function wrapped(text: string, columns: number, indent: number): string[] {
  const lines: string[] = [];
  for (const part of text.split('\n')) {
    let rest = part.trimEnd();
    let inset = '';
    while (rest.length + inset.length > columns) {
      // Never break within the first column, the names.
      const at = rest.lastIndexOf(' ', columns - inset.length);
      if (at <= (inset === '' ? indent : 0)) break;
      lines.push(inset + rest.slice(0, at).trimEnd());
      rest = rest.slice(at + 1);
      inset = ' '.repeat(indent);
    }
    lines.push(inset + rest);
  }
  return lines;
}
