import { createWriteStream } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Terminal } from '../../ui/terminal.ts';
import { makeFolder } from '../machine/folders.ts';
import { DIRECT } from '../machine/loopback.ts';

/** About eight hours. */
const MOST_BYTES = 64 * 1024 * 1024;

export interface Recording {
  readonly file: string;
  /** Ends the recording and completes the file. Returns what went wrong, or null. Never rejects. */
  stop(): Promise<string | null>;
}

/**
 * Writes what the app sends its page to a file: its history, then everything until `stop`, until `mostBytes` are written, or until the app
 * ends. Compressed when the file's name ends in .gz. The same by hand: `curl -N <address>/recording > <file>`. Rejects when the app does not
 * answer, or the file's folder cannot be created.
 */
export async function record(
  open: () => Promise<Readable>,
  file: string,
  mostBytes = MOST_BYTES,
): Promise<Recording> {
  makeFolder(dirname(file));
  const source = await open();
  let over = false;
  const lines = wholeLines(source, () => over, mostBytes);
  const sink = createWriteStream(file);
  const ended = (
    file.endsWith('.gz') ? pipeline(lines, createGzip({ level: 9 }), sink) : pipeline(lines, sink)
  ).then(
    () => null,
    (error: Error) => error.message,
  );
  return {
    file,
    stop() {
      // If the source has already ended by itself, its error is reported.
      if (!source.destroyed) over = true;
      source.destroy();
      return ended;
    },
  };
}

/** Says how to play a finished recording. `problem`: why it ended early, or null. */
export function announceRecording(terminal: Terminal, file: string, problem: string | null): void {
  if (problem !== null) terminal.warning(`The recording ended early: ${problem}`);
  terminal.line(`The recording: npm run replay -- ${file}`);
}

/** Says why there is no recording. */
export function announceNoRecording(terminal: Terminal, { message }: Error): void {
  terminal.warning(`The page is not being recorded: ${message}`);
}

/** What the app at this address sends its page. Proxies are not used. */
export function pageOf(address: string): () => Promise<Readable> {
  return async () => {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      get(`${address}/recording`, { agent: DIRECT }, resolve).on('error', reject);
    });
    if (answer.statusCode === 200) return answer;
    throw new Error(`The app answered /recording with ${answer.statusCode}: ${await text(answer)}`);
  };
}

/** Complete lines only, also at `stop` and at `mostBytes`. */
async function* wholeLines(source: Readable, isOver: () => boolean, mostBytes: number) {
  let rest = Buffer.alloc(0);
  let written = 0;
  try {
    for await (const chunk of source) {
      const bytes = Buffer.concat([rest, Buffer.from(chunk)]);
      const end = bytes.lastIndexOf('\n') + 1;
      rest = bytes.subarray(end);
      written += end;
      if (written > mostBytes) return;
      yield bytes.subarray(0, end);
    }
  } catch (error) {
    if (!isOver()) throw error;
  }
}
