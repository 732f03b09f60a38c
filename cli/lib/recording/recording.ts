import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import type { RecordedLine } from '../../../app/src/contract.ts';
import { plain } from '../../../app/src/plain.ts';
import { cliError } from '../errors.ts';

export interface Recorded {
  /** Of the file. */
  readonly name: string;
  readonly first: Extract<RecordedLine, { call: 'history' }>;
  /** What came after it, in the order of time. */
  readonly lines: readonly RecordedLine[];
}

/** The largest text of a compressed file: twice the size of the largest recording. */
const MOST_BYTES = 128 * 1024 * 1024;

const time = z.number().positive();
/** The parts of a line that the player needs; the rest is for the page. */
const LINE = z.discriminatedUnion('call', [
  z.looseObject({
    call: z.literal('history'),
    at: time,
    arg: z.looseObject({
      columns: z.array(z.string()),
      rows: z.array(z.array(z.number().nullable())),
      marks: z.array(z.looseObject({ id: z.number(), at: time })),
    }),
  }),
  z.looseObject({ call: z.literal('snapshot'), at: time, arg: z.looseObject({ at: time }) }),
  z.looseObject({ call: z.literal('mark'), at: time, arg: z.looseObject({ id: z.number(), at: time }) }),
]);

/** Reads a recording, compressed by gzip or not. A last line that was cut off in the middle is left out. Throws EVO-811. */
export function readRecording(file: string): Recorded {
  const lines = textOf(file).split('\n');
  // The last line may be incomplete if the writer was killed.
  const last = lines.pop() ?? '';
  const [first, ...rest] = lines
    .concat(isWhole(last) ? [last] : [])
    .map((line, i) => parse(file, line, i + 1));
  if (first?.call !== 'history')
    throw refused(file, 'its first line is not the history of a page (call: history)');
  return { name: basename(file), first, lines: rest };
}

function textOf(file: string): string {
  try {
    const bytes = readFileSync(file);
    const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return (isCompressed ? gunzipSync(bytes, { maxOutputLength: MOST_BYTES }) : bytes).toString();
  } catch (error) {
    throw refused(file, (error as Error).message);
  }
}

function isWhole(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function parse(file: string, text: string, number: number): RecordedLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refused(file, `line ${number} is not JSON`);
  }
  const parsed = LINE.safeParse(value, { error: plain });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refused(file, `line ${number}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  return value as RecordedLine;
}

function refused(file: string, problem: string) {
  return cliError('EVO-811', { file, problem });
}
