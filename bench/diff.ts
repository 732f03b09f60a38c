import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { compare } from '../cli/lib/compare/compare.ts';
import { evaluateAll } from '../cli/lib/program/evaluate.ts';
import { median, milliseconds, printTable } from './figures.ts';

const ROOT = join(__dirname, '..');
const run = promisify(execFile);

export interface DiffFigures {
  /** Medians in milliseconds: `npm run diff` without npm, and a tsx process that does nothing, side by side. */
  readonly command: number;
  readonly nothing: number;
  readonly sizes: readonly Size[];
}

interface Size {
  readonly resources: number;
  readonly evaluation: number;
  readonly comparison: number;
}

/** What the audience waits for when it asks for a difference, and how that grows with the program. */
export async function measureDiff(rounds: number): Promise<DiffFigures> {
  const node = (...args: string[]) => run(process.execPath, ['--import', 'tsx', ...args], { cwd: ROOT });
  const samples = { command: [] as number[], nothing: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    samples.command.push(await milliseconds(() => node('cli/main.ts', 'diff', 'phase0', 'phase1')));
    samples.nothing.push(await milliseconds(() => node('-e', '0')));
  }
  const sizes: Size[] = [];
  for (const copies of [3, 30]) sizes.push(await measureSize(copies, rounds));
  return { command: median(samples.command), nothing: median(samples.nothing), sizes };
}

async function measureSize(copies: number, rounds: number): Promise<Size> {
  const directory = join(__dirname, 'many');
  const [evaluation, comparison]: [number[], number[]] = [[], []];
  let resources = 0;
  for (let round = 0; round < rounds; round += 1) {
    const stacks = [
      { stack: 'before', override: { copies } },
      { stack: 'after', override: { copies: copies + 1 } },
    ];
    let found: Awaited<ReturnType<typeof evaluateAll>> = [];
    evaluation.push(
      await milliseconds(async () => {
        found = await evaluateAll(stacks, { directory });
      }),
    );
    const [before, after] = found;
    if (before === undefined || after === undefined) throw new Error('it was not evaluated');
    comparison.push(await milliseconds(async () => compare(before, after)));
    resources = before.resources.length;
  }
  return { resources, evaluation: median(evaluation), comparison: median(comparison) };
}

export function printDiff({ command, nothing, sizes }: DiffFigures): void {
  console.log(
    `\ndiff phase0 phase1: ${command.toFixed(0)} ms, ${(command / nothing).toFixed(1)} times a tsx process that does nothing (${nothing.toFixed(0)} ms)`,
  );
  printTable([
    ['resources', 'two evaluations, ms', 'comparison, ms'],
    ...sizes.map((s) => [s.resources, s.evaluation.toFixed(0), s.comparison.toFixed(1)]),
  ]);
}
