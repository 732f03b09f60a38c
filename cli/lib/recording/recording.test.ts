import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { readRecording } from './recording.ts';

const history = { at: 1, call: 'history', arg: { columns: ['at'], rows: [[1]], marks: [] } };
const snapshot = { at: 2, call: 'snapshot', arg: { at: 2 } };

function file(content: string | Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'recording-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'talk.ndjson');
  writeFileSync(path, content);
  return path;
}
const ndjson = (...lines: unknown[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

it.each([
  ['as it is', (text: string) => text],
  ['compressed', (text: string) => gzipSync(text)],
  ['without the end of its last line', (text: string) => text.trimEnd()],
  ['cut off in the middle of a further line', (text: string) => `${text}{"at":3,"call":"snap`],
])('reads a recording %s', (_, write) => {
  const { name, first, lines } = readRecording(file(write(ndjson(history, snapshot))));
  expect(name).toBe('talk.ndjson');
  expect(first).toEqual(history);
  expect(lines).toEqual([snapshot]);
});

it.each([
  ['nothing', '', 'its first line is not the history of a page'],
  ['something else', '# The demo\n', 'line 1 is not JSON'],
  ['a recording without its beginning', ndjson(snapshot), 'its first line is not the history of a page'],
  ['a line that is broken', `${ndjson(history)}{"at":\n${ndjson(snapshot)}`, 'line 2 is not JSON'],
  ['a call that there is not', ndjson(history, { at: 2, call: 'spike', arg: {} }), 'line 2: call'],
  ['a line without a time', ndjson(history, { call: 'snapshot', arg: { at: 2 } }), 'line 2: at'],
  ['invalid compressed bytes', Buffer.from([0x1f, 0x8b, 1, 2, 3]), 'not a recording that can be played'],
])('refuses %s, and says what is wrong', (_, content, problem) => {
  expect(() => readRecording(file(content))).toThrow(problem);
});

it('refuses a file that is not there', () => {
  expect(() => readRecording('/nowhere/talk.ndjson')).toThrow(/EVO-811|ENOENT/);
});
