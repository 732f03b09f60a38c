import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { anyFreePort } from '../cli/lib/machine/ports.ts';
import { median, milliseconds } from './figures.ts';

const ROOT = join(__dirname, '..');

export interface RehearsalFigures {
  /** Medians in milliseconds until the page's address is shown, and of a tsx process that does nothing. */
  readonly start: number;
  readonly nothing: number;
}

/** How long a presenter waits until the rehearsal shows where the page is. */
export async function measureRehearsal(rounds: number): Promise<RehearsalFigures> {
  const samples = { start: [] as number[], nothing: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    samples.start.push(await untilAddress());
    samples.nothing.push(await milliseconds(() => ended(node('-e', '0'))));
  }
  return { start: median(samples.start), nothing: median(samples.nothing) };
}

const node = (...args: string[]) =>
  spawn(process.execPath, ['--import', 'tsx', ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
const ended = (child: ReturnType<typeof node>) =>
  new Promise<number | null>((resolve) => child.once('close', resolve));

async function untilAddress(): Promise<number> {
  const port = String(await anyFreePort());
  const child = node('cli/main.ts', 'rehearse', '--auto', '--port', port, '--no-color');
  let output = '';
  const over = ended(child);
  const took = await milliseconds(
    () =>
      new Promise<void>((resolve, reject) => {
        for (const stream of [child.stdout, child.stderr])
          stream.on('data', (chunk) => {
            output += String(chunk);
            if (/http:\/\/\S+:\d+/.test(output)) resolve();
          });
        void over.then(() => reject(new Error(`the rehearsal ended without an address:\n${output}`)));
      }),
  );
  child.kill('SIGINT');
  await over;
  return took;
}

export function printRehearsal({ start, nothing }: RehearsalFigures): void {
  console.log(
    `\nrehearsal: ${(start / 1000).toFixed(1)} s until the page can be opened, ${(start / nothing).toFixed(1)} times a tsx process that does nothing`,
  );
}
