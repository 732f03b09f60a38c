import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { Hono } from 'hono';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageRoutes } from './page.ts';

const folder = mkdtempSync(join(tmpdir(), 'page-'));
let routes: Hono;
/** The page, its script, its style sheet and its icon. */
let paths: string[];

beforeAll(async () => {
  const root = fileURLToPath(new URL('../../ui', import.meta.url));
  await build({ root, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } });
  routes = pageRoutes(folder);
  const page = await (await routes.request('/')).text();
  const named = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1] ?? '');
  paths = ['/', ...named];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const get = (path: string, headers: Record<string, string> = {}) => routes.request(path, { headers });
const bytes = async (response: Response) => Buffer.from(await response.arrayBuffer());

describe('the page and its files', () => {
  it('are a script and a style sheet with a hash in the name, and an icon', () => {
    for (const name of [/^\/assets\/.*\.js$/, /^\/assets\/.*\.css$/, /^\/favicon\.svg$/])
      expect(paths.filter((path) => name.test(path))).toHaveLength(1);
  });

  it.each([
    ['gzip', gunzipSync],
    ['br', brotliDecompressSync],
  ] as const)('come compressed with %s to who takes that', async (encoding, decompress) => {
    for (const path of paths.filter((p) => !p.endsWith('.svg'))) {
      const plain = await bytes(await get(path, { 'accept-encoding': 'identity' }));
      const response = await get(path, { 'accept-encoding': encoding });
      expect(response.headers.get('content-encoding'), path).toBe(encoding);
      expect(response.headers.get('vary')).toMatch(/accept-encoding/i);
      const compressed = await bytes(response);
      expect(compressed.length).toBeLessThan(plain.length / 2);
      expect(decompress(compressed).equals(plain)).toBe(true);
    }
  });

  it('are not sent again to who has them, whatever form he has', async () => {
    for (const path of paths) {
      const tags = new Set<string>();
      for (const encoding of ['identity', 'gzip', 'br']) {
        const headers = { 'accept-encoding': encoding };
        const first = await get(path, headers);
        const tag = first.headers.get('etag') ?? 'no tag';
        tags.add(tag);
        const again = await get(path, { ...headers, 'if-none-match': `"other", ${tag}` });
        expect([again.status, await again.text()]).toEqual([304, '']);
        expect(again.headers.get('cache-control')).toBe(first.headers.get('cache-control'));
        const changed = await get(path, { ...headers, 'if-none-match': '"other"' });
        expect([changed.status, (await bytes(changed)).length > 0]).toEqual([200, true]);
      }
      // The forms differ, so their tags must.
      expect(tags.size).toBe(path.endsWith('.svg') ? 1 : 3);
    }
  });
});
