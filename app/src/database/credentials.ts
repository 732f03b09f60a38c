import { readFileSync } from 'node:fs';
import { type ConnectionSettings, parseConnectionUrl } from './connection-url.ts';

/** Where a value that may change while the app runs comes from. */
export type Source =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'file'; readonly path: string };

/** How often a credentials file is looked at, in milliseconds. */
const POLL_MS = 500;

export interface Credentials {
  /** The settings now. Throws when the file is not there or wrong. */
  read(): ConnectionSettings;
  /** Calls back each time that the file, or a certificate that its URL names, has changed. Returns what ends it. */
  watch(changed: () => void): () => void;
}

/** The credentials of one connection, from a fixed URL or from a file that may change while the app runs. */
export function credentials(source: Source): Credentials {
  if (source.kind === 'value') {
    return { read: () => parseConnectionUrl(source.value), watch: () => () => {} };
  }
  return {
    read: () => parseConnectionUrl(readUrl(source.path)),
    watch: (changed) => watchContents(source.path, changed),
  };
}

function readUrl(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new Error(`cannot read ${path} (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** What the file and the certificates that it names hold now. */
function contents(path: string): string {
  const read = (file: string) => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return '';
    }
  };
  const url = read(path).trim();
  const certificates = URL.canParse(url)
    ? [...new URL(url).searchParams.entries()].filter(([name]) => name.startsWith('ssl'))
    : [];
  return JSON.stringify([url, ...certificates.map(([name, file]) => (name === 'sslmode' ? '' : read(file)))]);
}

// The content is compared, by polling: Kubernetes changes a mounted Secret by swapping a link to its directory, which touches no
// file, and notifications do not work on every file system. The files are tiny.
function watchContents(path: string, changed: () => void): () => void {
  let known = contents(path);
  const timer = setInterval(() => {
    const now = contents(path);
    if (now === known) return;
    known = now;
    changed();
  }, POLL_MS);
  timer.unref();
  return () => clearInterval(timer);
}
