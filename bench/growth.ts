import type { TestDatabase } from '../tests/support/sample-app.ts';
import { printTable } from './figures.ts';
import { exponent, type Growth } from './growth/exponent.ts';
import { growthWithNodes } from './growth/nodes.ts';
import { growthWithRows } from './growth/rows.ts';
import { growthOverTime } from './growth/time.ts';

export type GrowthFigures = readonly (Growth & { readonly exponent: number })[];

/** How each cost grows: with nodes, with rows, with time. */
export async function measureGrowth(test: TestDatabase, rounds: number): Promise<GrowthFigures> {
  const found = [
    ...(await growthWithNodes(Math.min(rounds, 3))),
    ...(await growthOverTime()),
    ...(await growthWithRows(test)),
  ];
  return found.map((growth) => ({ ...growth, exponent: exponent(growth.sizes, growth.costs) }));
}

export function printGrowth(figures: GrowthFigures): void {
  console.log('\ngrowth: the exponent is 0 when a cost stays, 1 when it grows as much as the size');
  for (const of of new Set(figures.map((f) => f.of))) {
    const rows = figures.filter((f) => f.of === of);
    const number = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
    printTable([
      [`cost, by ${of}`, ...(rows[0]?.sizes ?? []), 'exponent'],
      ...rows.map((f) => [
        `${f.cost}, ${f.unit}`,
        ...f.costs.map(number),
        Number.isFinite(f.exponent) ? f.exponent.toFixed(2) : 'too small to tell',
      ]),
    ]);
  }
}
