import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, it, onTestFinished, vi } from 'vitest';
import { Terminal } from '../../ui/terminal.ts';
import { type Choice, chooseDatabase } from './choose.ts';

const NOTHING: Choice = { auto: false, database: undefined, killNode: undefined };

/** Chooses on a machine with this version of cockroach, or none, while keys are pressed; without any, there is no terminal. */
async function choose(choice: Partial<Choice>, version: string | null, keys: string | null = null) {
  const folder = mkdtempSync(join(tmpdir(), 'choose-test-'));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
  vi.stubEnv('COCKROACH', '');
  if (version !== null)
    writeFileSync(join(folder, 'cockroach'), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 });
  vi.stubEnv('PATH', folder);
  const terminal = keys === null ? {} : { isTTY: true, setRawMode: () => {} };
  const input = Object.assign(new PassThrough(), terminal) as unknown as NodeJS.ReadStream;
  let printed = '';
  const screen = new Terminal(false, (text) => {
    printed += text;
    if (text.includes('[c]')) (input as unknown as PassThrough).write(keys);
  });
  const { title } = await chooseDatabase(
    { ...NOTHING, ...choice },
    screen,
    new AbortController().signal,
    input,
  );
  return { title, printed };
}

it('takes PostgreSQL when nothing is said, and asks nobody where nobody can answer', async () => {
  expect(await choose({}, null, '\r')).toEqual({ title: 'PostgreSQL', printed: '' });
  expect(await choose({}, 'v26.2.5')).toEqual({ title: 'PostgreSQL', printed: '' });
  expect(await choose({ auto: true }, 'v26.2.5', 'c')).toEqual({ title: 'PostgreSQL', printed: '' });
  expect(await choose({ database: 'postgres' }, 'v26.2.5', 'c')).toEqual({
    title: 'PostgreSQL',
    printed: '',
  });
});

it('offers CockroachDB in a terminal where its program is found', async () => {
  const offered = await choose({}, 'v26.2.5', 'xc');
  expect(offered.title).toBe('CockroachDB v26.2.5');
  expect(offered.printed).toContain('It needs no licence key for this');
  const declined = await choose({}, 'v26.2.5', '\r');
  expect(declined.title).toBe('PostgreSQL');
  expect(declined.printed).toContain('There is a CockroachDB on this machine');
});

it('refuses to choose among the nodes of a PostgreSQL, which has one', async () => {
  await expect(choose({ killNode: 'n2' }, null)).rejects.toMatchObject({
    code: 'EVO-912',
    next: 'npm run rehearse -- --database cockroach --kill-node n2',
  });
});

it('refuses a CockroachDB that is asked for and not there, or too old', async () => {
  await expect(choose({ database: 'cockroach' }, null)).rejects.toThrow('there is no cockroach on PATH');
  await expect(choose({ database: 'cockroach' }, 'v25.4.1')).rejects.toThrow('is CockroachDB v25.4.1, and');
  expect((await choose({ database: 'cockroach' }, 'v26.4.0')).printed).toContain('newer than v26.2');
});
