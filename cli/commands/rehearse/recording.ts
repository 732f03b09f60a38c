import { readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { makeFolder } from '../../lib/machine/folders.ts';
import { REPOSITORY } from '../../lib/machine/paths.ts';
import { announceNoRecording, announceRecording, pageOf, record } from '../../lib/recording/record.ts';
import type { Terminal } from '../../ui/terminal.ts';

const FOLDER = join(REPOSITORY, 'reports');
/** Of those that nobody gave a name; a talk of a quarter of an hour takes two megabytes. */
const MOST = 5;
const UNNAMED = /^rehearsal-[\dT-]+\.ndjson$/;

/** Where the recording of a rehearsal is kept when nobody says where. The oldest of its like make place. */
export function unnamedRecording(startedAt: Date, folder = FOLDER): string {
  makeFolder(folder);
  const kept = readdirSync(folder)
    .filter((name) => UNNAMED.test(name))
    .sort();
  for (const name of kept.slice(0, Math.max(0, kept.length - MOST + 1)))
    rmSync(join(folder, name), { force: true });
  const stamp = startedAt.toISOString().replace(/[:.]/g, '-').replace('Z', '');
  return join(folder, `rehearsal-${stamp}.ndjson`);
}

/** Keeps what the page at `address` is sent, until what it returns is called. Without a recording, the rehearsal continues and says so. */
export async function keepRecording(
  address: string,
  choose: () => string,
  terminal: Terminal,
): Promise<() => Promise<void>> {
  try {
    const { file, stop } = await record(pageOf(address), choose());
    return async () => {
      const problem = await stop();
      const short = relative(process.cwd(), file);
      announceRecording(terminal, short.startsWith('..') ? file : short, problem);
    };
  } catch (error) {
    announceNoRecording(terminal, error as Error);
    return async () => {};
  }
}
