import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** With the token in its fragment, which no browser sends anywhere: the page takes it from there, and takes it out of the address bar. */
export function linkWithToken(address: string, token: string | undefined): string {
  return token === undefined ? address : `${address}#token=${encodeURIComponent(token)}`;
}

export interface Opener {
  /** What the browser is told to open. */
  readonly url: string;
  remove(): void;
}

/**
 * A page of this machine that leads to the link, for its owner alone: the command that opens a browser would show the link itself, and
 * with it the token, to everybody who may list processes. It lies in a folder without a dot, which browsers in a sandbox may read.
 */
export function openerOf(link: string, folder: string): Opener {
  const file = join(folder, `open-page-${process.pid}.html`);
  const target = JSON.stringify(link).replaceAll('<', '\\u003c');
  writeFileSync(
    file,
    `<!doctype html><meta charset="utf-8"><title>The page</title><script>location.replace(${target})</script>\n`,
    { mode: 0o600 },
  );
  return { url: pathToFileURL(file).href, remove: () => rmSync(file, { force: true }) };
}
