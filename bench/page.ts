import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type CDPSession, chromium } from 'playwright-core';
import { printTable } from './figures.ts';
import { PageServer } from './page-server.ts';

const APP = join(__dirname, '../app');
const HOUR = 3600;
const DRAWN = 200;

export interface PageFigures {
  /** All that a browser loads, in KiB, compressed by gzip. */
  readonly gzipKiB: number;
  /** null without Chromium. */
  readonly browser: {
    /** Processor time of the page's main thread for one second's figures, in ms. */
    readonly updateMs: number;
    /** JavaScript's memory in MiB: with an hour of history, and after another hour of figures. */
    readonly heapBefore: number;
    readonly heapAfter: number;
  } | null;
}

/** What the page costs whoever watches it. */
export async function measurePage(): Promise<PageFigures> {
  execFileSync('npx', ['vite', 'build', 'ui', '--logLevel', 'error'], { cwd: APP, stdio: 'inherit' });
  const files = readdirSync(join(APP, 'ui/dist'), { recursive: true, encoding: 'utf8' })
    .map((file) => join(APP, 'ui/dist', file))
    .filter((file) => statSync(file).isFile() && !/\.(br|gz)$/.test(file));
  const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0);
  return { gzipKiB: bytes / 1024, browser: await inBrowser() };
}

async function inBrowser(): Promise<PageFigures['browser']> {
  const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
    (path) => path !== undefined && existsSync(path),
  );
  if (executablePath === undefined) return null;
  const server = new PageServer();
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
    await page.goto(await server.url());
    await page.getByTestId('connection-state').filter({ hasText: /live/i }).waitFor();
    const session = await page.context().newCDPSession(page);
    // Processor time: on a busy machine the clock says more about the others.
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const heapBefore = await heap(session);
    await ticks(server, HOUR, 5);
    const heapAfter = await heap(session);
    const before = await busy(session);
    await ticks(server, DRAWN, 100);
    return { updateMs: ((await busy(session)) - before) / DRAWN, heapBefore, heapAfter };
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function ticks(server: PageServer, count: number, everyMs: number): Promise<void> {
  for (let tick = 0; tick < count; tick += 1) {
    server.tick();
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** What is left after a collection of garbage. */
async function heap(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize / 2 ** 20;
}

/** Milliseconds that the main thread has computed so far. */
async function busy(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000;
}

export function printPage({ gzipKiB, browser }: PageFigures): void {
  console.log(`\npage: ${gzipKiB.toFixed(0)} KiB compressed`);
  if (browser === null) {
    console.log('No Chromium here (CHROMIUM names one): nothing was drawn.');
    return;
  }
  printTable([
    ['with an hour of history', 'per update, ms', 'JS heap, MiB', 'after another hour'],
    ['', browser.updateMs.toFixed(1), browser.heapBefore.toFixed(1), browser.heapAfter.toFixed(1)],
  ]);
}
