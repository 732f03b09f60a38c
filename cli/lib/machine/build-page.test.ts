import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { buildPage } from './build-page.ts';
import { REPOSITORY } from './paths.ts';

const SCRIPT = '<script type="module" src="./main.ts"></script>';

/** A small app with a page, beside the installed packages of this one. */
function smallApp() {
  const app = mkdtempSync(join(tmpdir(), 'page-test-'));
  onTestFinished(() => rmSync(app, { recursive: true }));
  for (const folder of ['ui', 'src']) mkdirSync(join(app, folder), { recursive: true });
  symlinkSync(join(REPOSITORY, 'node_modules'), join(app, 'node_modules'));
  writeFileSync(join(app, 'package.json'), '{}');
  writeFileSync(join(app, 'src', 'contract.ts'), 'export const word: string = "shared";');
  writeFileSync(
    join(app, 'ui', 'main.ts'),
    'import { word } from "../src/contract.ts"; document.title = word;',
  );
  writeFileSync(join(app, 'ui', 'index.html'), SCRIPT);
  return app;
}

function change(...path: string[]): void {
  const later = new Date(Date.now() + 60_000);
  utimesSync(join(...path), later, later);
}

it('builds the page when it is not there, and again only when a source has changed', async () => {
  const app = smallApp();
  expect(await buildPage(app)).toBe(true);
  expect(readdirSync(join(app, 'ui', 'dist'))).toContain('index.html');
  expect(await buildPage(app)).toBe(false);
  writeFileSync(join(app, 'ui', 'main.test.ts'), '');
  change(app, 'ui', 'main.test.ts');
  expect(await buildPage(app)).toBe(false);
  change(app, 'src', 'contract.ts');
  expect(await buildPage(app)).toBe(true);
});

it('shows what the build said when it fails', async () => {
  const app = smallApp();
  writeFileSync(join(app, 'ui', 'main.ts'), 'import "./nothing.ts";');
  await expect(buildPage(app)).rejects.toThrow(/could not be built[\s\S]*nothing\.ts/);
});
