/** Where the label of a mark in the strip goes, when its neighbours need their place too. All in the same pixels. */

export interface Space {
  /** Where the mark stands. */
  readonly x: number;
  readonly textWidth: number;
  /** Where the mark before it and its label end. */
  readonly before: number;
  /** Where the next mark, or the plot's edge, begins. */
  readonly after: number;
}

export interface Placement {
  readonly side: 'right' | 'left';
  /** How wide the text may be. */
  readonly room: number;
}

/**
 * To the right of the mark when it fits there; else to the left, where the newest mark, at the right edge, has its space;
 * else, cut, where there is more.
 */
export function placeLabel({ x, textWidth, before, after }: Space): Placement {
  const right = Math.max(0, after - x);
  const left = Math.max(0, x - before);
  if (textWidth <= right || (textWidth > left && right >= left)) return { side: 'right', room: right };
  return { side: 'left', room: left };
}

/** The text, or its beginning and an ellipsis, or nothing where only a letter or two would fit. */
export function shorten(text: string, room: number, widthOf: (text: string) => number): string {
  let shown = text;
  for (let length = text.length - 1; widthOf(shown) > room; length--) {
    if (length < 4) return '';
    shown = `${text.slice(0, length).trimEnd()}…`;
  }
  return shown;
}

/** The row of each label, from its left and right edge, so that none covers another: the first row where it has its place. */
export function rowsOf(labels: readonly (readonly [left: number, right: number])[]): number[] {
  const rows: (readonly [left: number, right: number])[][] = [];
  return labels.map(([left, right]) => {
    const free = rows.findIndex((row) => row.every((other) => right <= other[0] || other[1] <= left));
    const row = free === -1 ? rows.push([]) - 1 : free;
    rows[row]?.push([left, right]);
    return row;
  });
}
