/** Between two columns. */
const GAP = 2;

/**
 * A table as lines of text: columns padded to their widest cell, the first one text, the others numbers. A table that is wider than `width`
 * breaks its cells between words, the widest column of numbers first; a word is never cut, so a very narrow screen gets longer lines.
 */
export function tableLines(
  rows: readonly (readonly string[])[],
  width: number,
): { readonly text: string; readonly head: boolean }[] {
  const columns = (rows[0] ?? []).map((_, i) => rows.map((row) => row[i] ?? ''));
  const least = columns.map((cells) => Math.max(...cells.flatMap((cell) => words(cell).map(length)), 0));
  const widths = columns.map((cells) => Math.max(...cells.map(length), 0));
  const total = () => widths.reduce((sum, value) => sum + value, 0) + GAP * (widths.length - 1);
  // The first column is narrowed last: a heading in two lines is easier to read than a name in two lines.
  for (const may of [(i: number) => i > 0, () => true])
    while (total() > width) {
      const widest = widths.reduce(
        (found, value, i) =>
          may(i) && value > (least[i] ?? 0) && (found < 0 || value > (widths[found] ?? 0)) ? i : found,
        -1,
      );
      if (widest < 0) break;
      widths[widest] = (widths[widest] ?? 0) - 1;
    }
  return rows.flatMap((row, index) => {
    const cells = widths.map((value, i) => wrap(row[i] ?? '', value));
    const height = Math.max(1, ...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) => ({
      head: index === 0,
      text: cells
        .map((lines, i) => {
          const text = lines[line] ?? '';
          return i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0);
        })
        .join(' '.repeat(GAP))
        .trimEnd(),
    }));
  });
}

/** Lines of at most `width` characters, broken between words; runs of spaces that align text are kept. A longer word is left whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const [, space = '', word = ''] of text.matchAll(/( *)([^ ]+)/g)) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(`${space}${word}`);
    else if (last.length + space.length + word.length <= width)
      lines[lines.length - 1] = `${last}${space}${word}`;
    else lines.push(word);
  }
  return lines;
}

const words = (text: string) => text.split(' ').filter((word) => word !== '');
const length = (text: string) => text.length;
