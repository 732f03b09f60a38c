import { createWriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { makeFolder } from '../folders.ts';

/** Eight hours, about. */
const MOST_BYTES = 64 * 1024 * 1024;

export interface Recording {
  readonly file: string;
  /** Ends it; the file is whole then. Returns what went wrong meanwhile, null when nothing did. Never rejects. */
  stop(): Promise<string | null>;
}

/**
 * Writes what the app at `address` sends its page to a file, from its past to `stop`, or until it is `mostBytes` long, or the app ends.
 * The same by hand: `curl -N <address>/recording > <file>`. Rejects when the app does not answer.
 */
export async function record(address: string, file: string, mostBytes = MOST_BYTES): Promise<Recording> {
  const over = new AbortController();
  const answer = await fetch(`${address}/recording`, { signal: over.signal });
  if (!answer.ok || answer.body === null)
    throw new Error(`The app answered /recording with ${answer.status}: ${await answer.text()}`);
  makeFolder(dirname(file));
  const lines = wholeLines(answer.body, over.signal, mostBytes);
  const ended = pipeline(lines, createWriteStream(file)).then(
    () => null,
    (error: Error) => error.message,
  );
  return {
    file,
    stop() {
      over.abort();
      return ended;
    },
  };
}

/** No half a line at the end, neither of one who stops nor at the bound. */
async function* wholeLines(
  source: AsyncIterable<Uint8Array>,
  over: AbortSignal,
  mostBytes: number,
): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  let written = 0;
  try {
    for await (const chunk of source) {
      const bytes = Buffer.concat([rest, chunk]);
      const end = bytes.lastIndexOf('\n') + 1;
      rest = bytes.subarray(end);
      written += end;
      if (written > mostBytes) return;
      yield bytes.subarray(0, end);
    }
  } catch (error) {
    if (!over.aborted) throw error;
  }
}
