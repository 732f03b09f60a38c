import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { build } from 'vite';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';

const ROOT = join(__dirname, '../..');
/** Looked at by people; not kept in git. */
export const PICTURES = join(ROOT, 'tests', 'pictures');

/** Of Chromium or Chrome; undefined when there is none, and then the caller's tests are skipped, which is said. */
export function findBrowser(test: string): string | undefined {
  if (CHROMIUM === undefined)
    console.warn(`SKIPPED: ${test} needs Chromium. Install it, or name it in CHROMIUM.`);
  return CHROMIUM;
}

export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: CHROMIUM_ARGUMENTS });
}

/** The page, built into a folder of its own, so that tests that run beside each other do not build over each other. */
export async function buildPage(): Promise<{ folder: string; remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'page-'));
  await build({
    root: join(ROOT, 'app/ui'),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true },
  });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
