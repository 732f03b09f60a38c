import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { topologyOf } from '../app/src/live/testing.ts';
import { findBrowser, launch, PICTURES } from './support/browser.ts';
import { SampleApp, settings, startDatabase, type TestDatabase } from './support/sample-app.ts';

const executablePath = findBrowser('tests/page.test.ts');

describe.skipIf(executablePath === undefined)('the page, in a real browser', () => {
  let test: TestDatabase;
  let browser: Browser;
  let app: SampleApp;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    await build({ root: join(__dirname, '../app/ui'), logLevel: 'error' });
    mkdirSync(PICTURES, { recursive: true });
    test = await startDatabase();
    browser = await launch(executablePath ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    await test?.remove();
  });

  beforeEach(() => {
    problems = [];
  });
  afterEach(async () => {
    await page?.close();
    await app?.stop();
  });

  async function open(environment: Record<string, string> = {}): Promise<void> {
    app = await SampleApp.start(settings(test, environment));
    page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(app.url);
    await expect.poll(() => text('connection-state')).toMatch(/live/i);
  }

  const text = async (id: string) => (await page.getByTestId(id).first().textContent()) ?? '';
  const figure = async (id: string) => Number.parseFloat((await text(id)).replace(/[^\d.]/g, ''));

  it('starts a spike by its button, shows what it achieves, and marks it on the timeline', async () => {
    await open();
    await page.getByTestId('spike-seconds').fill('6');
    await page.getByTestId('spike-rps').fill('120');
    await page.getByTestId('start-spike').click();
    await expect.poll(() => figure('target-rps')).toBe(120);
    await expect.poll(() => figure('achieved-rps')).toBeGreaterThan(100);
    await expect.poll(() => text('marks')).toContain('120');
    await page.screenshot({ path: join(PICTURES, 'spike.png') });
    await expect
      .poll(async () => (await app.report()).periods[0]?.spikes.length, { timeout: 60_000 })
      .toBe(1);
    expect((await app.report()).periods[0]?.spikes[0]).toMatchObject({
      targetRps: 120,
      sent: 720,
      failed: 0,
    });
    expect(await figure('lost')).toBe(0);
    expect(problems).toEqual([]);
  });

  it('shows a phase change that a script marked, also to a page that is opened later', async () => {
    await open();
    await app.command('mark', { kind: 'phase', label: 'phase1' });
    await expect.poll(() => text('phase')).toContain('1');
    await expect.poll(() => text('marks')).toContain('phase1');
    await page.reload();
    await expect.poll(() => text('marks')).toContain('phase1');
    expect(problems).toEqual([]);
  });

  it('shows the nodes as somebody saw them, the outage when the database goes, and resets the longest gap', async () => {
    await open();
    await app.command('topology', topologyOf([{ copies: [60, 0, 60] }], { at: Date.now() }));
    await expect.poll(() => text('sentence')).toBe('One node, one copy: if it dies, everything stops.');
    await app.command(
      'topology',
      topologyOf([{ copies: [60, 0, 60] }, { copies: [0, 60, 0] }], { at: Date.now() }),
    );
    await expect.poll(() => text('sentence')).toBe('Two nodes: a copy that can answer reads, not failover.');
    expect(await page.locator('#topology .node').count()).toBe(2);
    await app.command('start-load');
    await test.postgres.stop('immediate');
    await expect
      .poll(() => text('sentence'))
      .toMatch(/^The database does not answer, \d+\ss\. Nothing acknowledged is lost\.$/);
    expect(await text('connection-state')).not.toMatch(/live/i);
    await expect.poll(() => figure('errors-total')).toBeGreaterThan(0);
    await expect.poll(() => figure('rps-total')).toBe(0);
    await page.screenshot({ path: join(PICTURES, 'away.png') });
    await test.postgres.start();
    await expect.poll(() => text('sentence')).not.toMatch(/does not answer/);
    expect(await figure('longest-gap')).toBeGreaterThan(1);
    await page.keyboard.press('g');
    // Milliseconds again.
    await expect.poll(() => figure('longest-gap')).toBeGreaterThan(10);
  });

  it('asks for the control token, says when it is wrong, and takes commands with the right one', async () => {
    await open({ APP_CONTROL_TOKEN: 'open-sesame' });
    const token = page.getByTestId('token');
    await token.fill('wrong');
    await token.press('Enter');
    await expect.poll(() => page.locator('body').innerText()).toMatch(/wrong|not (the )?right|not accepted/i);
    await token.fill('open-sesame');
    await token.press('Enter');
    await expect.poll(() => token.isVisible()).toBe(false);
    await page.keyboard.press('l');
    await expect
      .poll(async () =>
        (await app.get('/metrics')).text().then((t) => /route="\/search",status="200"/.test(t)),
      )
      .toBe(true);
    expect(problems).toEqual([]);
  });

  it('takes the control token from the link that brought it, and out of the address bar', async () => {
    app = await SampleApp.start(settings(test, { APP_CONTROL_TOKEN: 'open sesame+1' }));
    const sent: string[] = [];
    page = await browser.newPage();
    page.on('request', (request) => sent.push(request.url()));
    await page.goto(`${app.url}/?stage#token=${encodeURIComponent('open sesame+1')}`);
    await expect.poll(() => page.url()).toBe(`${app.url}/?stage`);
    await page.keyboard.press('p');
    await expect.poll(() => text('connection-state')).toMatch(/live/i);
    expect(await page.getByTestId('token').isVisible()).toBe(false);
    await page.keyboard.press('l');
    await expect
      .poll(async () => (await (await app.get('/metrics')).text()).includes('route="/search",status="200"'))
      .toBe(true);
    expect(sent.join('\n')).not.toMatch(/sesame/);
    // It stays for this tab; one that is wrong is asked for anew.
    await page.reload();
    await expect.poll(() => text('connection-state')).toMatch(/live/i);
    expect(await page.getByTestId('token').isVisible()).toBe(false);
    await page.goto(`${app.url}/#token=wrong`);
    await page.reload();
    await expect.poll(() => page.getByTestId('token').isVisible()).toBe(true);
    expect(page.url()).not.toMatch(/token/);
  });

  it('makes a lost connection plain, and comes back by itself when the app does', async () => {
    await open();
    const port = new URL(app.url).port;
    await app.stop();
    await expect.poll(() => text('connection-state')).not.toMatch(/^\W*live/i);
    await page.screenshot({ path: join(PICTURES, 'reconnecting.png') });
    app = await SampleApp.start(settings(test, { APP_PORT: port }));
    await expect.poll(() => text('connection-state'), { timeout: 60_000 }).toMatch(/live/i);
  }, 60_000);
});
