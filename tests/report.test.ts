import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { planDrill } from '../cli/commands/drill/kinds.ts';
import { drillPage, stretchOfDrill } from '../cli/commands/drill/page.ts';
import { resultsOf } from '../cli/commands/drill/results.ts';
import { stepPage } from '../cli/commands/evolve/page.ts';
import { type App, appThrough } from '../cli/lib/cluster/app.ts';
import { PHASES } from '../cli/lib/cluster/cluster.testing.ts';
import type { Target } from '../cli/lib/phase/settings.ts';
import type { StepReport } from '../cli/lib/report/step.ts';
import { askApp } from '../cli/lib/step/witness.ts';
import { Terminal } from '../cli/ui/terminal.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './support/chromium.ts';
import { SampleApp, settings, startDatabase, type TestDatabase } from './support/sample-app.ts';

const PICTURES = join(__dirname, 'pictures');
if (CHROMIUM === undefined)
  console.warn(
    'SKIPPED: how tests/report.test.ts looks at reports needs Chromium. Install it, or name it in CHROMIUM.',
  );

/** Somebody may write this on the timeline. */
const NASTY = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
const [, phase1, phase2] = PHASES as [Target, Target, Target];
const terminal = (said: string[] = []) => new Terminal(false, (text) => void said.push(text));

describe('the report of a step that an app really saw', () => {
  const folder = mkdtempSync(join(tmpdir(), 'evolution-report-test-'));
  let test: TestDatabase;
  let app: SampleApp;
  let seen: App;
  let browser: Browser | undefined;

  beforeAll(async () => {
    test = await startDatabase();
    app = await SampleApp.start(settings(test));
    seen = appThrough(
      'sample-app-1',
      {
        send: async (_, { method, path, headers, body }) => {
          const answer = await fetch(app.url + path, {
            method,
            ...(headers ? { headers } : {}),
            ...(body ? { body } : {}),
          });
          return { status: answer.status, body: await answer.text() };
        },
        open: async (_, path) => {
          const { status, body } = await fetch(app.url + path);
          return Object.assign(Readable.fromWeb(body as never), { statusCode: status });
        },
      },
      async () => undefined,
    );
    await app.command('start-load');
    const rows = (count: number) =>
      vi.waitFor(async () => expect((await seen.history()).rows.length).toBeGreaterThan(count), 60_000);
    await rows(2);
    await seen.mark('phase', 'phase0');
    await seen.mark('phase', 'phase1');
    await seen.mark('note', NASTY);
    await seen.mark('phase', 'phase2');
    await rows(8);
    if (CHROMIUM !== undefined)
      browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
    mkdirSync(PICTURES, { recursive: true });
  });

  afterAll(async () => {
    await browser?.close();
    await app?.stop();
    await test?.remove();
    rmSync(folder, { recursive: true });
  });

  const dependencies = {
    withCluster: <T>(_: Target, work: (clients: never) => Promise<T>) =>
      work({ app: async () => seen } as never),
  };

  async function stepReport() {
    const observed = await askApp(phase2, PHASES, 'phase1', terminal(), dependencies);
    const report: StepReport = {
      ok: true,
      problems: [],
      from: 'phase1',
      to: 'phase2',
      startedAt: new Date().toISOString(),
      seconds: 90,
      stages: [{ name: 'replication', seconds: 20 }],
      changes: { update: 5, same: 72 },
      resumed: false,
      witness: observed.witness,
      closing: observed.closing,
    };
    return { ...observed, html: stepPage(report, observed.stretch) };
  }

  it('has its charts from the app, and the closing card its figures', async () => {
    const { stretch, closing, witness, html } = await stepReport();
    expect(stretch?.times.length).toBeGreaterThan(4);
    expect(Math.max(...(stretch?.answered ?? []).map((value) => value ?? 0))).toBeGreaterThan(10);
    expect(stretch?.failed.every((value) => value === 0)).toBe(true);
    expect(closing).toMatchObject({ from: 1, to: 3, failed: 0, lost: 0 });
    expect(closing?.requests).toBeGreaterThanOrEqual(witness?.requests ?? Number.NaN);
    expect(html.match(/<svg/g)).toHaveLength(3);
    expect(html).toContain('No request failed, nothing was lost.');
  });

  it('is written without charts when the app is one of before, and says so', async () => {
    const said: string[] = [];
    const old: App = { ...seen, history: () => Promise.reject(new Error('answered /history with 404')) };
    const through = {
      withCluster: <T>(_: Target, work: (clients: never) => Promise<T>) =>
        work({ app: async () => old } as never),
    };
    const { witness, stretch } = await askApp(phase1, PHASES, 'phase0', terminal(said), through);
    expect(witness).toBeNull();
    expect(stretch).toBeNull();
    const { witness: of2, stretch: none } = await askApp(phase2, PHASES, 'phase1', terminal(said), through);
    expect(of2).not.toBeNull();
    expect(none).toBeNull();
    expect(said.join('')).toBe('The report has no charts: answered /history with 404\n');
  });

  describe.skipIf(CHROMIUM === undefined)('in a browser', () => {
    /** Opens it as somebody does who was sent it: from a file, offline. What it asks for, and what goes wrong. */
    async function opened(name: string, html: string, colorScheme: 'light' | 'dark') {
      const file = join(folder, `${name}.html`);
      writeFileSync(file, html);
      if (browser === undefined) throw new Error('no browser');
      const context = await browser.newContext({
        colorScheme,
        viewport: { width: 1000, height: 900 },
        offline: true,
      });
      const page = await context.newPage();
      const asked: string[] = [];
      const problems: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      page.on('console', (message) => problems.push(message.text()));
      page.on('pageerror', (error) => problems.push(String(error)));
      await page.goto(pathToFileURL(file).href);
      await page.screenshot({ path: join(PICTURES, `report-${name}-${colorScheme}.png`), fullPage: true });
      return { page, context, problems, others: asked.filter((url) => url !== pathToFileURL(file).href) };
    }

    it.each(['light', 'dark'] as const)(
      'asks for nothing else, runs nothing, and shows its text, %s',
      async (scheme) => {
        const { html } = await stepReport();
        const { page, context, problems, others } = await opened('step', html, scheme);
        expect({ problems, others }).toEqual({ problems: [], others: [] });
        expect(await page.title()).toBe('CockroachDB Live Evolution: phase1 to phase2');
        expect(await page.locator('.marks').innerText()).toContain(NASTY);
        expect(await page.locator('img, script').count()).toBe(0);
        const { width } = (await page.locator('svg').first().boundingBox()) ?? { width: 0 };
        expect(width).toBeGreaterThan(800);
        await context.close();
      },
    );

    it('prints dark on white, also from a dark screen', async () => {
      const { html } = await stepReport();
      const { page, context } = await opened('printed', html, 'dark');
      await page.emulateMedia({ media: 'print' });
      const colours = await page.evaluate(
        '(({ backgroundColor, color }) => ({ backgroundColor, color }))(getComputedStyle(document.body))',
      );
      expect(colours).toEqual({ backgroundColor: 'rgb(255, 255, 255)', color: 'rgb(0, 0, 0)' });
      expect((await page.pdf()).length).toBeGreaterThan(10_000);
      await context.close();
    });

    it('is there for a drill too, with what others have published', async () => {
      await seen.mark('phase', 'phase2: drill pod-kill');
      const before = (await seen.history()).rows.length;
      await expect.poll(async () => (await seen.history()).rows.length).toBeGreaterThan(before + 2);
      const stretch = await stretchOfDrill(seen, 'phase2: drill pod-kill', terminal());
      const period = (await seen.report()).periods.at(-1);
      if (period === undefined) throw new Error('no period');
      const plan = planDrill('pod-kill', 'crdb-2', phase2, 0);
      const html = drillPage(plan, new Date().toISOString(), resultsOf(period, 7), stretch);
      const { page, context, problems, others } = await opened('drill', html, 'light');
      expect({ problems, others }).toEqual({ problems: [], others: [] });
      expect(await page.locator('svg').count()).toBe(3);
      expect(await page.locator('body').innerText()).toContain('cockroachdb/cockroach PR #128642');
      await context.close();
    });
  });
});
