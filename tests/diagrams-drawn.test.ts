import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBrowser, launch, PICTURES } from './support/browser.ts';

const executablePath = findBrowser('tests/diagrams-drawn.test.ts');
const FOLDER = join(__dirname, '..', 'diagrams');
const FLOWS = readdirSync(FOLDER).filter((name) => name.startsWith('phase'));
const MERMAID = join(dirname(createRequire(__filename).resolve('mermaid')), 'mermaid.min.js');
/** As wide as GitHub shows a file. */
const WIDTH = 1012;

/** Titles that an arrow passes through, and the height of the letters, of the diagram that is drawn in `#drawn`. */
const LOOK = `(() => {
  const titles = [...document.querySelectorAll('.cluster-label foreignObject')].map((label) => ({
    text: label.textContent.trim(),
    box: label.getBoundingClientRect(),
  }));
  const crossed = new Set();
  for (const path of document.querySelectorAll('path.flowchart-link')) {
    const length = path.getTotalLength();
    const matrix = path.getScreenCTM();
    for (let at = 0; at <= length; at += 2) {
      const { x, y } = path.getPointAtLength(at).matrixTransform(matrix);
      for (const { text, box } of titles)
        if (x > box.left && x < box.right && y > box.top && y < box.bottom) crossed.add(text);
    }
  }
  const svg = document.querySelector('#drawn svg');
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  return { titles: titles.length, crossed: [...crossed], letters: 16 * Math.min(1, scale) };
})()`;

describe.skipIf(executablePath === undefined)('the diagrams, drawn by Mermaid in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    mkdirSync(join(PICTURES, 'diagrams'), { recursive: true });
    browser = await launch(executablePath ?? '');
  });
  afterAll(() => browser?.close());

  it.each(
    FLOWS.flatMap((file) => [
      { file, theme: 'default', background: '#ffffff' },
      { file, theme: 'dark', background: '#0d1117' },
    ]),
  )(
    '$file, theme $theme: no arrow through a title, and letters that can be read',
    async ({ file, theme, background }) => {
      const [, text = ''] = /^```mermaid\n(.*?)^```$/ms.exec(readFileSync(join(FOLDER, file), 'utf8')) ?? [];
      const page = await browser.newPage({ viewport: { width: WIDTH, height: 700 } });
      await page.setContent(`<body style="margin:0;background:${background}"><div id="drawn"></div></body>`);
      await page.addScriptTag({ path: MERMAID });
      await page.evaluate(`(async () => {
      mermaid.initialize({ startOnLoad: false, theme: ${JSON.stringify(theme)} });
      const { svg } = await mermaid.render('diagram', ${JSON.stringify(text)});
      document.getElementById('drawn').innerHTML = svg;
    })()`);
      const name = `${file.replace(/\.md$/, '')}-${theme}.png`;
      await page.screenshot({ path: join(PICTURES, 'diagrams', name), fullPage: true });
      const seen = (await page.evaluate(LOOK)) as { titles: number; crossed: string[]; letters: number };
      expect(seen.titles).toBeGreaterThan(3);
      expect(seen.crossed).toEqual([]);
      expect(seen.letters).toBeGreaterThan(10);
      await page.close();
    },
  );
});
