import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { testRun } from '../../../components/database/recorder.testing.ts';
import { Terminal } from '../../ui/terminal.ts';
import type { App } from '../cluster/app.ts';
import { recordingApp, target } from '../cluster/cluster.testing.ts';
import type { ClusterClients } from '../cluster/inspect.ts';
import { record } from './record.ts';
import { recordCluster } from './record-cluster.ts';
import { readRecording } from './recording.ts';

const line = (at: number, call: string) => `${JSON.stringify({ at, call, arg: { at } })}\n`;

function start(app: Partial<App> | null) {
  const folder = mkdtempSync(join(tmpdir(), 'record-cluster-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'reports', 'phase1.ndjson');
  const said: string[] = [];
  const run = testRun();
  const open = (_: unknown, work: (clients: ClusterClients) => Promise<unknown>) =>
    work({
      app: async () => (app === null ? null : { ...recordingApp(), ...app }),
      run,
    } as unknown as ClusterClients);
  const terminal = new Terminal(false, (text) => void said.push(text.trim()));
  return { file, said, run, recording: recordCluster(target(), file, terminal, open as never) };
}

const content = (file: string) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

it('keeps what the page is sent in a file until it is ended, and says how to play it', async () => {
  const page = new PassThrough();
  const { file, said, recording } = start({ recording: async () => page });
  page.write(line(1, 'history'));
  page.write(line(2, 'snapshot').slice(0, 10));
  await expect.poll(() => content(file)).toBe(line(1, 'history'));
  page.write(line(2, 'snapshot').slice(10));
  await expect.poll(() => content(file)).toBe(line(1, 'history') + line(2, 'snapshot'));
  expect(await recording.stop()).toBe(file);
  expect(await recording.stop()).toBe(file);
  expect(said).toEqual([`The recording: npm run replay -- ${file}`]);
  expect(page.destroyed).toBe(true);
});

it('says that it ends early when the way to the app breaks, and keeps what there was', async () => {
  const page = new PassThrough();
  const { file, said, recording } = start({ recording: async () => page });
  page.write(line(1, 'history'));
  await expect.poll(() => content(file)).toBe(line(1, 'history'));
  page.destroy(new Error('the port-forward to sample-app-1:8080 broke'));
  expect(await recording.stop()).toBe(file);
  expect(said).toEqual([
    'The recording ends early: the port-forward to sample-app-1:8080 broke',
    `The recording: npm run replay -- ${file}`,
  ]);
  expect(content(file)).toBe(line(1, 'history'));
});

it.each<[string, Partial<App> | null, string]>([
  ['without an app', null, 'the app has no pod'],
  [
    'with an app of before',
    { recording: () => Promise.reject(new Error('sample-app-1 answered /recording with 404')) },
    'sample-app-1 answered /recording with 404',
  ],
])('says why there is none %s, and fails nothing', async (_, app, problem) => {
  const { said, recording } = start(app);
  expect(await recording.stop()).toBeNull();
  expect(said).toEqual([`There is no recording of the page: ${problem}`]);
});

it('is compressed where the name of its file says so, and can be played', async () => {
  const page = new PassThrough();
  const folder = mkdtempSync(join(tmpdir(), 'record-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { file, stop } = await record(async () => page, join(folder, 'talk.ndjson.gz'));
  const past = { at: 1, call: 'history', arg: { columns: ['at'], rows: [], marks: [] } };
  page.end(`${JSON.stringify(past)}\n${line(2, 'snapshot')}`);
  await once(page, 'close');
  expect(await stop()).toBeNull();
  expect(readFileSync(file).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
  expect(readRecording(file).lines).toHaveLength(1);
});

it('ends with the run', async () => {
  const { run, recording, file } = start({ recording: async () => new PassThrough() });
  run.cancel('Ctrl-C');
  expect(await recording.stop()).toBe(file);
});
