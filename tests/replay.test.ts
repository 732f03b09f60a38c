import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RecordedLine, Snapshot } from '../app/src/contract.ts';
import { topologyOf } from '../app/src/live/testing.ts';
import { SHIPPED } from '../cli/commands/replay/command.ts';
import { pageOf, record } from '../cli/lib/recording/record.ts';
import { readRecording } from '../cli/lib/recording/recording.ts';
import { findBrowser, launch, PICTURES } from './support/browser.ts';
import { SampleApp, settings, startDatabase, type TestDatabase } from './support/sample-app.ts';

const executablePath = findBrowser('tests/replay.test.ts');
const ROOT = join(__dirname, '..');

describe('a recording of a run', () => {
  let database: TestDatabase;
  let file: string;

  // A run of some seconds, whose app and database are gone when it is played.
  beforeAll(async () => {
    database = await startDatabase();
    file = join(database.directory, 'reports', 'talk.ndjson');
    const app = await SampleApp.start(settings(database));
    await app.command('mark', { kind: 'note', label: 'before it was recorded' });
    const recording = await record(pageOf(app.url), file);
    await app.command('mark', { kind: 'phase', label: 'phase1' });
    await app.command(
      'topology',
      topologyOf([{ copies: [60, 0, 60] }, { copies: [0, 60, 0] }], { at: Date.now() }),
    );
    await app.command('start-spike', { seconds: 2, rps: 50 });
    await vi.waitFor(async () => {
      expect((await app.report()).periods.at(-1)?.spikes).toHaveLength(1);
      expect(lines().filter(({ call }) => call === 'snapshot').length).toBeGreaterThan(4);
    }, 60_000);
    expect(await recording.stop()).toBeNull();
    await app.stop();
    await database.postgres.stop('immediate');
  });
  afterAll(() => database?.remove());

  const lines = () =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as RecordedLine);

  it('is what the page was sent, its past first, as whole lines', () => {
    const [first, ...rest] = lines();
    expect(first?.call === 'history' && first.arg.marks.map(({ label }) => label)).toEqual([
      'before it was recorded',
    ]);
    expect(rest.some((line) => line.call === 'mark' && line.arg.label === 'phase1')).toBe(true);
    expect(readFileSync(file, 'utf8').endsWith('\n')).toBe(true);
  });

  it('is ended by the app that stops, and by its bound, in the same way', async () => {
    const again = await startDatabase();
    const app = await SampleApp.start(settings(again));
    try {
      const short = join(again.directory, 'short.ndjson');
      const bounded = await record(pageOf(app.url), short, 10_000);
      const whole = await record(pageOf(app.url), join(again.directory, 'whole.ndjson'));
      await expect.poll(() => readFileSync(short, 'utf8').length).toBeGreaterThan(0);
      const before = Date.now();
      await expect.poll(() => Date.now() - before > 6000, { timeout: 20_000 }).toBe(true);
      await app.stop();
      expect([await bounded.stop(), await whole.stop()]).toEqual([null, null]);
      const text = readFileSync(short, 'utf8');
      expect(text.length).toBeLessThanOrEqual(10_000);
      expect(text.endsWith('\n')).toBe(true);
    } finally {
      await again.remove();
    }
  });

  it.skipIf(executablePath === undefined)(
    'plays into the same page, marked as a recording, with pause, speed and position, without app and database',
    async () => {
      mkdirSync(PICTURES, { recursive: true });
      const player = new Player(['replay', file, '--port', '18280']);
      let browser: Browser | undefined;
      try {
        const address = await player.address();
        browser = await launch(executablePath ?? '');
        const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
        await play(page, address);
      } finally {
        await browser?.close();
        expect(await player.stop()).toBe(0);
      }
    },
  );

  async function play(page: Page, address: string): Promise<void> {
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    const text = async (id: string) =>
      ((await page.getByTestId(id).textContent()) ?? '').replaceAll('\u00a0', ' ');
    await page.goto(address);
    await expect.poll(() => text('connection-state')).toMatch(/^\s*Recording/);
    expect(await page.getByTestId('playback').isVisible()).toBe(true);
    await expect.poll(() => text('sentence')).toBe('Two nodes: a copy that can answer reads, not failover.');
    await expect.poll(() => text('phase')).toBe('phase1');
    await expect.poll(() => text('marks')).toMatch(/spike: \d+ of 50 rps/);
    await page.screenshot({ path: join(PICTURES, 'recording.png') });

    // At its end it stands still, is not called old, and can be begun anew.
    await page.keyboard.press('.');
    await expect.poll(() => text('connection-state')).toMatch(/Recording, paused/);
    await page.getByRole('slider', { name: 'Position' }).fill('0');
    await expect.poll(() => text('marks')).not.toMatch(/spike/);
    await expect.poll(() => text('marks')).toMatch(/before it was recorded/);
    await page.keyboard.press('k');
    await expect.poll(() => text('marks')).toMatch(/spike/);
    await page.keyboard.press('k');
    await expect.poll(() => text('playback')).toMatch(/paused/);

    // Nothing can be commanded.
    await page.keyboard.press('l');
    await expect.poll(() => text('command-message')).toMatch(/This is a recording/);
    expect(await page.locator('#spike-form').isVisible()).toBe(false);
    await page.keyboard.press('p');
    expect(await page.getByTestId('playback').isVisible()).toBe(true);
    expect(await page.locator('button:visible, input:visible').count()).toBe(0);
    expect(problems).toEqual([]);
  }

  it('plays under the names of this machine only: a foreign one may resolve to it', async () => {
    const player = new Player(['replay', file, '--port', '18281']);
    try {
      const { port } = new URL(await player.address());
      const status = async (path: string, host: string, method = 'GET') => {
        const sent = request({ port, host: '127.0.0.1', path, method, headers: { host } });
        sent.end();
        const [answer] = (await once(sent, 'response')) as [IncomingMessage];
        answer.resume();
        return answer.statusCode;
      };
      const negotiation = '/hub/negotiate?negotiateVersion=1';
      for (const host of ['rebound.example', `rebound.example:${port}`, '127.0.0.1.rebound.example']) {
        expect(await status('/', host)).toBe(403);
        expect(await status(negotiation, host, 'POST')).toBe(403);
      }
      expect(await status('/', `localhost:${port}`)).toBe(200);
      expect(await status(negotiation, `127.0.0.1:${port}`, 'POST')).toBe(200);
    } finally {
      expect(await player.stop()).toBe(0);
    }
  });

  describe('that comes with the project', () => {
    const { first, lines } = readRecording(SHIPPED);
    const snapshots = lines.flatMap((line) => (line.call === 'snapshot' ? [line.arg] : []));

    it('is small, and of a whole rehearsal on PostgreSQL in which no step failed a request and no write was lost', () => {
      expect(statSync(SHIPPED).size).toBeLessThan(300_000);
      const phases = snapshots.at(-1)?.totals.phases ?? [];
      const failed = (of: (phase: string | null) => boolean) =>
        phases.filter(({ phase }) => of(phase)).reduce((sum, { failed }) => sum + failed, 0);
      const isKill = (phase: string | null) => / killed$/.test(phase ?? '');
      expect(new Set(phases.map(({ phase }) => phase))).toEqual(
        new Set([null, 'phase0', expect.stringMatching(/killed$/), 'phase1', 'phase2']),
      );
      expect(failed((phase) => !isKill(phase))).toBe(0);
      expect(failed(isKill)).toBeGreaterThan(0);
      expect(snapshots.every(({ witness }) => witness.lost === 0)).toBe(true);
      const topologies = snapshots.flatMap(({ topology }) => topology ?? []);
      expect(topologies.every(({ simulated }) => simulated)).toBe(true);
      expect(new Set(topologies.flatMap(({ nodes }) => nodes.map(({ name }) => name)))).toEqual(
        new Set(['n1', 'n2', 'n3']),
      );
      // A second a line, without a hole.
      const steps = snapshots.slice(1).map(({ at }, i) => at - (snapshots[i]?.at ?? 0));
      expect(Math.max(...steps)).toBeLessThan(3000);
    });

    it.skipIf(executablePath === undefined)(
      'plays into the page without being named, and tells its story there',
      async () => {
        mkdirSync(PICTURES, { recursive: true });
        const player = new Player(['replay', '--port', '18300']);
        let browser: Browser | undefined;
        try {
          const address = await player.address();
          browser = await launch(executablePath ?? '');
          await look(await browser.newPage({ viewport: { width: 1280, height: 720 } }), address);
        } finally {
          await browser?.close();
          expect(await player.stop()).toBe(0);
        }
      },
    );

    async function look(page: Page, address: string): Promise<void> {
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(String(error)));
      const text = async (id: string) =>
        ((await page.getByTestId(id).first().textContent()) ?? '').replaceAll('\u00a0', ' ');
      const figure = async (id: string) => Number.parseFloat((await text(id)).replace(/[^\d.]/g, ''));
      const goTo = (found: Snapshot | undefined) =>
        page
          .getByRole('slider', { name: 'Position' })
          .fill(String(Math.ceil(((found?.at ?? 0) - first.at) / 1000)));
      await page.goto(address);
      await expect.poll(() => text('connection-state')).toMatch(/^\s*Recording/);
      await expect.poll(() => text('playback')).toMatch(/rehearsal-on-postgresql/);
      await expect.poll(() => text('sentence')).not.toMatch(/Waiting/);
      await page.keyboard.press('k');
      await expect.poll(() => text('connection-state')).toMatch(/paused/);

      for (const [width, height] of [
        [960, 940],
        [1280, 720],
        [1440, 900],
        [1920, 1080],
      ] as const) {
        await page.setViewportSize({ width, height });
        const box = async (selector: string) => (await page.locator(selector).boundingBox())?.height ?? 0;
        expect(await box('#playback'), `${width}x${height}`).toBeLessThan(90);
        expect(await box('.charts'), `${width}x${height}`).toBeGreaterThan(width < 1024 ? 300 : 450);
        await page.screenshot({ path: join(PICTURES, `shipped-${width}x${height}.png`) });
      }
      await page.setViewportSize({ width: 1280, height: 720 });

      await goTo(snapshots.find(({ spike }) => spike.running && spike.achievedRps > spike.targetRps * 0.8));
      await expect.poll(() => figure('achieved-rps')).toBeGreaterThan(100);

      await goTo(snapshots.findLast(({ paths }) => (paths.writer.silentMs ?? 0) > 3000));
      await expect
        .poll(() => text('sentence'))
        .toMatch(/^The database does not answer, \d+ s\. Nothing acknowledged is lost\.$/);
      await expect.poll(() => figure('rps-total')).toBe(0);
      await page.screenshot({ path: join(PICTURES, 'shipped-outage.png') });

      await goTo(snapshots.at(-1));
      await expect.poll(() => text('phase')).toBe('phase2');
      await expect.poll(() => text('marks')).toMatch(/phase0[\s\S]*phase2|phase2[\s\S]*phase0/);
      expect(await text('marks')).toMatch(/spike: \d+ of \d+ rps/);
      expect(await figure('lost')).toBe(0);
      await page.screenshot({ path: join(PICTURES, 'shipped-end.png') });
      await page.keyboard.press('p');
      await page.keyboard.press('c');
      await expect.poll(() => page.getByTestId('closing').isVisible()).toBe(true);
      expect(await text('playback')).toMatch(/rehearsal-on-postgresql/);
      await page.screenshot({ path: join(PICTURES, 'shipped-closing.png') });
      expect(problems).toEqual([]);
    }
  });

  it('that is none is refused with the next step', async () => {
    const player = new Player(['replay', join(ROOT, 'README.md')]);
    expect(await player.ended()).toBe(1);
    expect(player.output).toMatch(
      /EVO-811: .*README\.md is not a recording[\s\S]*Next: Record one from the running app: curl -N/,
    );
  });
});

/** `npm run replay`, as a process. */
class Player {
  readonly #child: ChildProcess;
  output = '';

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, ['--import', 'tsx', 'cli/main.ts', ...args], { cwd: ROOT });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk) => {
        this.output += chunk;
      });
  }

  async address(): Promise<string> {
    const said = () => /http:\/\/127\.0\.0\.1:\d+\//.exec(this.output)?.[0];
    await expect.poll(said, { timeout: 60_000 }).toBeDefined();
    return said() ?? '';
  }

  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
    return this.#child.exitCode;
  }

  stop(): Promise<number | null> {
    this.#child.kill('SIGINT');
    return this.ended();
  }
}
