import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../config.ts';

/** A published file, fixed by its content. */
export interface PinnedFile {
  readonly url: string;
  /** In hexadecimal. */
  readonly sha256: string;
}

// A commit of the main branch: it runs the same operator, v2.18.3, as the newest tag does, but the list of versions
// of that tag ends at v25.4.2.
const PUBLISHED =
  'https://raw.githubusercontent.com/cockroachdb/cockroach-operator/f019f0eb00ec0b4bbb248bc872c301d994484fef/install';

/** The operator v2.18.3, as published. */
export const OPERATOR: readonly PinnedFile[] = [
  {
    url: `${PUBLISHED}/crds.yaml`,
    sha256: 'ffb7d2b687e7c73dc49d4ed38de9ac8c675c42160324da6ab383edba4e6caa51',
  },
  {
    url: `${PUBLISHED}/operator.yaml`,
    sha256: '950db18f77b93710886401d1bdf91021bb5d2f52e0615bd22b51ba23055f0b80',
  },
];

/** In place of a checksum, for an operator that others have installed. */
export const EXTERNAL = 'external';

export interface Source {
  /** @default the operator's two files */
  readonly files?: readonly PinnedFile[];
  /** Where downloads are kept, by checksum, so that a preview needs no network. @default the user's cache directory */
  readonly cache?: string;
}

/**
 * The operator's manifests as one YAML text: from the file `path`, taken as it is, or if that is empty from GitHub,
 * checked against the pinned checksums.
 *
 * @throws ConfigError that says what to do in a network without GitHub
 */
export async function readManifests(path: string, source: Source = {}): Promise<string> {
  if (path !== '') {
    return readFile(path, 'utf8').catch((error: Error) => {
      throw new ConfigError(`operatorManifest ${path} cannot be read: ${error.message}`);
    });
  }
  const { files = OPERATOR, cache = cacheDirectory() } = source;
  // All of them settle first, so that nothing is half done when this throws.
  const read = await Promise.allSettled(files.map((file) => readPinned(file, cache)));
  const refused = read.find((result) => result.status === 'rejected');
  if (refused !== undefined) throw refused.reason;
  return read.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])).join('\n---\n');
}

async function readPinned(file: PinnedFile, cache: string): Promise<string> {
  const kept = join(cache, `${file.sha256}.yaml`);
  const cached = await readFile(kept, 'utf8').catch(() => undefined);
  // A half-written or edited file counts as missing.
  if (cached !== undefined && sha256(cached) === file.sha256) return cached;
  const text = await download(file);
  await keep(kept, cache, text).catch(() => {
    // Without a writable home directory, only the cache is missing.
  });
  return text;
}

async function download({ url, sha256: expected }: PinnedFile): Promise<string> {
  const text = await get(url).catch((error: Error) => {
    const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
    throw new ConfigError(`${url} cannot be downloaded: ${error.message}${cause}.\n${INSTEAD}`);
  });
  const found = sha256(text);
  if (found !== expected) {
    throw new ConfigError(
      `${url} is not what was published: its sha256 is ${found}, and ${expected} was expected. Something on the way, such as a proxy's page, may have answered instead.\n${INSTEAD}`,
    );
  }
  return text;
}

async function get(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.text();
}

const INSTEAD = `In a network without GitHub, get the two files elsewhere, join them, and name the result:
  (cat crds.yaml; echo ---; cat operator.yaml) > cockroach-operator.yaml
  pulumi config set operatorManifest cockroach-operator.yaml`;

async function keep(path: string, directory: string, text: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  // Two programs may run at once: each writes its own file, and the last rename wins.
  const written = `${path}.${randomUUID()}`;
  await writeFile(written, text);
  await rename(written, path);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function cacheDirectory(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const base =
    process.platform === 'win32' && LOCALAPPDATA
      ? LOCALAPPDATA
      : process.platform === 'darwin'
        ? join(homedir(), 'Library', 'Caches')
        : XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(base, 'cockroachdb-live-evolution');
}
