/** Of an odd number of values, the one in the middle. */
export const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Rows of text in columns; the first cell is padded at its end. */
export function printTable(rows: readonly (readonly (string | number)[])[]): void {
  const width = Math.max(...rows.flatMap((row) => row.slice(1).map((cell) => String(cell).length))) + 2;
  const first = Math.max(...rows.map(([cell]) => String(cell).length));
  for (const [name, ...cells] of rows)
    console.log(String(name).padEnd(first) + cells.map((cell) => String(cell).padStart(width)).join(''));
}

/** Milliseconds that the work takes. */
export async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export const spread = (values: readonly number[]): Spread => ({
  median: median(values),
  least: Math.min(...values),
  most: Math.max(...values),
});

/** The median, and in brackets from what to what the rounds went. */
export const spreadText = ({ median, least, most }: Spread, digits = 0) =>
  `${median.toFixed(digits)} (${least.toFixed(digits)}-${most.toFixed(digits)})`;
