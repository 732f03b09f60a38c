import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PUBLISHED } from './manifest.testing.ts';
import { OPERATOR, readManifests } from './manifests.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

let directory: string;
let server: Server;
let answers: Record<string, string>;
let asked: string[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'manifests-'));
  answers = { '/a.yaml': 'a: 1\n', '/b.yaml': 'b: 2\n' };
  asked = [];
  server = createServer(({ url = '' }, response) => {
    asked.push(url);
    response.writeHead(answers[url] === undefined ? 404 : 200).end(answers[url]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await stopServer();
  rmSync(directory, { recursive: true });
});

async function stopServer(): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

function source(cache = join(directory, 'cache')) {
  const url = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo | null)?.port}${path}`;
  const files = ['a: 1\n', 'b: 2\n'].map((text, i) => ({
    url: url(['/a.yaml', '/b.yaml'][i] ?? ''),
    sha256: sha256(text),
  }));
  return { files, cache };
}

describe('the manifests', () => {
  it('are downloaded once, and need no network after that', async () => {
    const from = source();
    expect(await readManifests('', from)).toBe('a: 1\n\n---\nb: 2\n');
    await stopServer();
    expect(await readManifests('', from)).toBe('a: 1\n\n---\nb: 2\n');
    expect(asked.sort()).toEqual(['/a.yaml', '/b.yaml']);
    // Nothing half-written stays behind.
    expect(readdirSync(from.cache).sort()).toEqual(from.files.map((file) => `${file.sha256}.yaml`).sort());
  });

  it('are downloaded again when the kept copy is damaged', async () => {
    const from = source();
    await readManifests('', from);
    writeFileSync(join(from.cache, `${from.files[0]?.sha256}.yaml`), 'a: 1');
    expect(await readManifests('', from)).toBe('a: 1\n\n---\nb: 2\n');
    expect(asked).toHaveLength(3);
  });

  it('are downloaded each time where they cannot be kept', async () => {
    writeFileSync(join(directory, 'file'), '');
    const from = source(join(directory, 'file', 'cache'));
    expect(await readManifests('', from)).toBe('a: 1\n\n---\nb: 2\n');
    expect(await readManifests('', from)).toBe('a: 1\n\n---\nb: 2\n');
    expect(asked).toHaveLength(4);
  });

  it('are refused when they are not what was published', async () => {
    answers['/b.yaml'] = '<html>Please log in</html>';
    const from = source();
    const attempt = readManifests('', from);
    await expect(attempt).rejects.toThrow(
      `/b.yaml is not what was published: its sha256 is ${sha256(answers['/b.yaml'])}`,
    );
    await expect(attempt).rejects.toThrow('pulumi config set operatorManifest');
    expect(readdirSync(from.cache)).not.toContain(`${from.files[1]?.sha256}.yaml`);
  });

  it('are all settled when one of them is refused: the good one is kept by then', async () => {
    answers['/b.yaml'] = '<html>Please log in</html>';
    const from = source();
    await expect(readManifests('', from)).rejects.toThrow();
    expect(readdirSync(from.cache)).toEqual([`${from.files[0]?.sha256}.yaml`]);
  });

  it('that cannot be had give the way without GitHub', async () => {
    answers = { '/a.yaml': 'a: 1\n' };
    const from = source();
    await expect(readManifests('', from)).rejects.toThrow(
      /b\.yaml cannot be downloaded: HTTP 404\.\n.*without GitHub.*pulumi config set operatorManifest/s,
    );
    await stopServer();
    await expect(readManifests('', from)).rejects.toThrow(/cannot be downloaded: fetch failed: \S+/);
  });

  it('may come from a file, as it is', async () => {
    writeFileSync(join(directory, 'own.yaml'), 'c: 3\n');
    expect(await readManifests(join(directory, 'own.yaml'))).toBe('c: 3\n');
    await expect(readManifests(join(directory, 'none.yaml'))).rejects.toThrow(
      /none\.yaml cannot be read: ENOENT/,
    );
  });

  it.skipIf(!PUBLISHED)('are pinned to the published ones that the other tests use', () => {
    expect(OPERATOR.map((file) => file.sha256)).toEqual([
      sha256(PUBLISHED?.definitions ?? ''),
      sha256(PUBLISHED?.operator ?? ''),
    ]);
  });
});
