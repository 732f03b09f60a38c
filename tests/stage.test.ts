import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Mark } from '../app/src/contract.ts';
import { topologyOf } from '../app/src/live/testing.ts';
import { buildPage, findBrowser, launch, PICTURES } from './support/browser.ts';
import { LivePage, type LivePageOptions } from './support/live-page.ts';
import { STAGE_STATES } from './support/stage-states.ts';

const executablePath = findBrowser('tests/stage.test.ts');
const AXE = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8');

const SIZES = [
  // Half a screen of 1920x1080, as the script of the talk has it.
  { width: 960, height: 940 },
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
] as const;
const THEMES = ['light', 'dark'] as const;
const VIEWS = ['full', 'stage'] as const;

describe.skipIf(executablePath === undefined)('the page as the audience sees it, in a real browser', () => {
  let browser: Browser;
  let built: Awaited<ReturnType<typeof buildPage>>;
  let live: LivePage;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    built = await buildPage();
    mkdirSync(join(PICTURES, 'stage'), { recursive: true });
    browser = await launch(executablePath ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    built?.remove();
  });
  afterEach(async () => {
    await page?.close();
    await live?.stop();
    expect(problems).toEqual([]);
  });

  async function open(view: (typeof VIEWS)[number], options: Partial<LivePageOptions> = {}): Promise<void> {
    problems = [];
    live = await LivePage.start({ folder: built.folder, marks: marks(), ...options });
    // Nothing moves: what is looked at, and measured, is where it will be.
    page = await browser.newPage({ viewport: SIZES[0], reducedMotion: 'reduce' });
    page.on('pageerror', (error) => problems.push(String(error)));
    await page.goto(`${live.url}/${view === 'stage' ? '?stage' : ''}`);
    await page.addScriptTag({ content: AXE }).catch(() => page.evaluate(AXE));
  }

  /** Its figures and units are held together by a space that does not break. */
  const sentence = async () =>
    ((await page.getByTestId('sentence').textContent()) ?? '').replaceAll('\u00a0', ' ');

  /** In every theme and size: a picture, and what axe finds. */
  async function look(
    name: string,
    sizes: readonly (typeof SIZES)[number][] = SIZES,
    each: () => Promise<unknown> = async () => {},
  ): Promise<void> {
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const size of sizes) {
        await page.setViewportSize(size);
        // A frame, and what is drawn in it.
        await page.evaluate(
          'new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 100)))',
        );
        const file = `${name}-${size.width}x${size.height}-${colorScheme}.png`;
        await page.screenshot({ path: join(PICTURES, 'stage', file) });
        expect(await violations(), file).toEqual([]);
        await each();
      }
    }
  }

  async function violations(): Promise<string[]> {
    const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
    );
  }

  it.each(STAGE_STATES)(
    'says in one sentence what there is to see ($name), readable in each view, size and theme',
    async ({ name, sentence: expected, changes }) => {
      for (const view of VIEWS) {
        await open(view);
        live.show(changes);
        await expect.poll(sentence).toMatch(expected);
        // The full view of one state differs from that of another in its topology only.
        const sizes = view === 'stage' || name === 'away' ? SIZES : SIZES.slice(0, 1);
        await look(`${name}-${view}`, sizes, async () => {
          if (view === 'stage') expect(await unreadableOnStage(page)).toEqual([]);
          expect(await outside(page)).toEqual([]);
        });
        if (view === 'full') {
          await page.close();
          await live.stop();
        }
      }
    },
  );

  it('has the charts before the controls at half a screen, and all of them without scrolling', async () => {
    await open('full');
    await expect.poll(sentence).not.toBe('Waiting for the app.');
    const charts = await page.locator('.charts').boundingBox();
    const controls = await page.locator('.side').boundingBox();
    expect((charts?.y ?? 0) + (charts?.height ?? 0)).toBeLessThanOrEqual(940);
    expect(controls?.y).toBeGreaterThanOrEqual(940 - 20);
    const words = page.locator('.charts .legend *, .charts .hint, .charts .readout');
    const small = (await texts(words)).filter(({ size }) => size < 14);
    expect(small).toEqual([]);
  });

  it('goes to the stage and back by a key, and by the way back of the browser', async () => {
    await open('full');
    const mode = () => page.locator('body').getAttribute('data-mode');
    await page.keyboard.press('p');
    await expect.poll(mode).toBe('stage');
    expect(page.url()).toContain('?stage');
    expect(await page.locator('button:visible, input:visible').count()).toBe(0);
    await page.goBack();
    await expect.poll(mode).toBe('full');
    await page.getByRole('link', { name: 'Stage' }).click();
    await expect.poll(mode).toBe('stage');
    await page.keyboard.press('p');
    await expect.poll(mode).toBe('full');
  });

  it('closes with one card that has what each phase cost, by a key, on the stage too', async () => {
    await open('stage');
    live.show((at) => ({
      topology: topologyOf([{}, {}, {}], { at }),
      totals: {
        since: at - 900_000,
        requests: 48_211,
        failed: 212,
        phases: [
          { phase: 'phase0', requests: 20_000, failed: 212, longestGapMs: 11_200 },
          { phase: 'phase1', requests: 14_000, failed: 0, longestGapMs: 290 },
          { phase: 'phase2', requests: 14_211, failed: 0, longestGapMs: 410 },
        ],
      },
    }));
    await page.keyboard.press('c');
    const card = page.getByTestId('closing');
    await expect
      .poll(() => card.innerText())
      .toMatch(/One became three\.[\s\S]*48,211 requests, 212 failed, 0 writes lost/);
    expect(await card.innerText()).toMatch(/phase0\s+11 s[\s\S]*phase2\s+410 ms/);
    await look('closing', SIZES, async () => expect(await unreadableOnStage(page)).toEqual([]));
    live.show((at) => ({
      topology: topologyOf([{}, {}, {}], { at }),
      totals: {
        since: at - 900_000,
        requests: 48_711,
        failed: 212,
        phases: [
          { phase: 'phase0', requests: 20_000, failed: 0, longestGapMs: 280 },
          { phase: 'phase0: drill outage', requests: 400, failed: 212, longestGapMs: 11_200 },
          { phase: 'phase2', requests: 28_211, failed: 0, longestGapMs: 410 },
          { phase: 'phase2: drill pod-kill', requests: 500, failed: 0, longestGapMs: 640 },
        ],
      },
    }));
    await expect
      .poll(() => card.innerText())
      .toMatch(
        /0 failed, 0 writes lost, longest gap 410 ms[\s\S]*The only node killed\s+11 s[\s\S]*One of three killed\s+640 ms/,
      );
    await look('closing-deaths', SIZES, async () => expect(await unreadableOnStage(page)).toEqual([]));
    await page.keyboard.press('c');
    await expect.poll(() => card.isVisible()).toBe(false);
  });

  it('moves through the marks of the timeline by keyboard', async () => {
    const many = Array.from(
      { length: 60 },
      (_, i): Mark => ({ id: i, kind: 'note', label: `note ${i}`, at: i }),
    );
    await open('full', { marks: many });
    await page.setViewportSize({ width: 1920, height: 1080 });
    await expect.poll(() => page.getByTestId('marks').textContent()).toContain('note 59');
    const list = page.getByRole('region', { name: /latest marks/i });
    for (let i = 0; i < 60 && !(await list.evaluate((part) => part.matches(':focus'))); i += 1)
      await page.keyboard.press('Tab');
    await page.keyboard.press('End');
    await expect.poll(() => list.evaluate((part) => part.scrollTop)).toBeGreaterThan(0);
  });

  it('can be read where it is old, full, locked, or covered by the list of keys', async () => {
    await open('full', { needsToken: true });
    await expect.poll(sentence).not.toBe('Waiting for the app.');
    await look('locked');
    await page.keyboard.press('?');
    await look('keys');
    await page.keyboard.press('Escape');
    live.fallSilent();
    await expect
      .poll(sentence)
      .toMatch(/^The app does not answer: the values shown are old, last data \d+ s ago\.$/);
    await look('silent');
    await page.close();
    await live.stop();
    await open('full', { maxConnections: 0 });
    await expect.poll(sentence).toMatch(/^The app takes no more pages: this one retries by itself\.$/);
    await look('full-house');
  });
});

interface Text {
  readonly text: string;
  /** Of the font, in px. */
  readonly size: number;
}

/** What has text of its own, and can be seen. */
function texts(parts: Locator): Promise<Text[]> {
  return parts.evaluateAll((all) =>
    all
      .filter((part) => [...part.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim()))
      .filter((part) => part.checkVisibility({ visibilityProperty: true }) && !part.closest('.sr-only'))
      .map((part) => ({
        text: part.textContent ?? '',
        size: Number.parseFloat(part.ownerDocument.defaultView?.getComputedStyle(part).fontSize ?? ''),
      })),
  );
}

/** Text below 24 px, and whether anything scrolls. */
async function unreadableOnStage(page: Page): Promise<(Text | string)[]> {
  const small = (await texts(page.locator('body *'))).filter(({ size }) => size < 24);
  const scrolls = await page
    .locator('html')
    .evaluate((root) => root.scrollHeight > root.clientHeight || root.scrollWidth > root.clientWidth);
  return scrolls ? [...small, 'the page scrolls'] : small;
}

/** What is drawn of the nodes beyond the card that they are drawn in. */
function outside(page: Page): Promise<string[]> {
  return page.locator('#topology').evaluate((card) => {
    const room = card.getBoundingClientRect();
    return [...card.querySelectorAll('text, rect, circle, li, p')]
      .map((part) => ({ part, box: part.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0)
      .filter(
        ({ box }) =>
          box.left < room.left - 1 ||
          box.right > room.right + 1 ||
          box.top < room.top - 1 ||
          box.bottom > room.bottom + 1,
      )
      .map(({ part }) => `${part.tagName} ${part.textContent}`);
  });
}

function marks(): Mark[] {
  const now = Date.now();
  const second = (ago: number) => now - ago * 1000;
  return [
    { id: 1, kind: 'phase', label: 'phase0', at: second(200) },
    { id: 2, kind: 'command', label: 'start-load', at: second(195) },
    { id: 3, kind: 'spike', label: 'spike: 200 of 200 rps', at: second(150), until: second(120) },
    { id: 4, kind: 'backup', label: 'backup', at: second(100), until: second(96) },
    { id: 5, kind: 'phase', label: 'phase1', at: second(90) },
    { id: 6, kind: 'connection', label: 'reader connects as app_reader', at: second(80) },
    { id: 7, kind: 'gap', label: 'no write for 11 s', at: second(60), until: second(49) },
  ];
}
