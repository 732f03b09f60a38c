import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Presenter, servePresenter } from '../cli/commands/rehearse/presenter/presenter.ts';
import { SCRIPT } from '../cli/commands/rehearse/script/script.ts';
import { findBrowser, launch, PICTURES } from './support/browser.ts';

const AXE = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8');
const browserPath = findBrowser('tests/presenter.test.ts');

let presenter: Presenter;
beforeEach(async () => {
  presenter = await servePresenter(0);
});
afterEach(() => presenter.stop());

/** The status of an answer. */
const ask = (path: string, method = 'GET', headers: Record<string, string> = {}) =>
  new Promise<number | undefined>((resolve, reject) => {
    request(`${presenter.address}${path}`, { method, headers }, (response) => {
      resolve(response.statusCode);
      response.destroy();
    })
      .on('error', reject)
      .end();
  });

describe("the presenter's page", () => {
  it('is only read, and only under names of this machine', async () => {
    expect(await ask('/')).toBe(200);
    expect(await ask('/talk')).toBe(200);
    expect(await ask('/', 'POST')).toBe(405);
    expect(await ask('/../../package.json')).toBe(404);
    expect(await ask('/', 'GET', { Host: 'rebound.example:8081' })).toBe(403);
    expect(await ask('/live', 'GET', { Host: 'rebound.example' })).toBe(403);
    const answer = await fetch(`${presenter.address}/`);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it.skipIf(browserPath === undefined)(
    'shows the notes, the next command and a clock, and goes on by itself',
    { timeout: 120_000 },
    async () => {
      const browser = await launch(browserPath ?? '');
      try {
        for (const colorScheme of ['light', 'dark'] as const) {
          const context = await browser.newContext({ colorScheme, viewport: { width: 960, height: 800 } });
          const page = await context.newPage();
          const problems: string[] = [];
          page.on('pageerror', (error) => problems.push(error.message));
          page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
          presenter.show(0, 'after');
          await page.goto(`${presenter.address}/`);
          const text = () => page.locator('body').innerText();
          await expect.poll(text).toContain(SCRIPT[0]?.say[0]);

          presenter.begin();
          const index = SCRIPT.findIndex(({ begins }) => begins === 'phase1');
          const beat = SCRIPT[index];
          presenter.show(index, 'before');
          await expect.poll(text).toContain(`${index + 1}/${SCRIPT.length} ${beat?.title}`);
          const seen = await text();
          for (const line of [...(beat?.say ?? []), ...(beat?.lookAt ?? []), ...(beat?.commands ?? [])])
            expect(seen).toContain(line);
          expect(seen).toContain(`Next, at 7:05: ${SCRIPT[index + 1]?.title} (npm run check)`);
          await expect.poll(() => page.locator('#elapsed').innerText()).toMatch(/^0:0[1-9]$/);
          expect(await page.locator('#pace').innerText()).toMatch(/ ahead$/);
          // All that is to be said of the longest beat fits half a screen.
          const said = await page.locator('#say li').last().boundingBox();
          expect((said?.y ?? 0) + (said?.height ?? 0)).toBeLessThan(800);

          presenter.news('Requests are failing.');
          await expect.poll(text).toContain('Requests are failing.');
          await page.screenshot({ path: join(PICTURES, `presenter-${colorScheme}.png`) });
          // Past the policy of the page, which lets no script of others in.
          await context.newCDPSession(page).then(async (devtools) => {
            await devtools.send('Runtime.evaluate', { expression: AXE });
            const { result } = await devtools.send('Runtime.evaluate', {
              expression: 'axe.run().then(JSON.stringify)',
              awaitPromise: true,
            });
            const { violations } = JSON.parse(result.value as string) as AxeResults;
            expect(violations.map(({ id, help }) => `${id}: ${help}`)).toEqual([]);
          });
          presenter.show(index + 1, 'running');
          await expect.poll(text).toContain('In progress.');
          expect(await text()).not.toContain('Requests are failing.');
          expect(problems).toEqual([]);
          await context.close();
        }
      } finally {
        await browser.close();
      }
    },
  );
});
