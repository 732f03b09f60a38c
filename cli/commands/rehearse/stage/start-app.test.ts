import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, expect, it } from 'vitest';
import { anyFreePort, HOST } from '../../../lib/machine/ports.ts';
import { Scratch } from '../../../lib/machine/scratch.ts';
import type { AppProcess } from './app-process.ts';
import { startApp } from './start-app.ts';

const scratch = new Scratch();
const apps: AppProcess[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.stop()));
});
afterAll(() => scratch.remove());

/** Of a database that does not answer: the app starts without one. */
const url = scratch.path('url');
writeFileSync(url, 'postgresql://app:x@127.0.0.1:1/evolution');
const options = (name: string, allowanceSeconds = 15) => ({
  writerUrlFile: url,
  readerUrlFile: url,
  allowanceSeconds,
  logFile: scratch.path(`${name}.log`),
});
const never = new AbortController().signal;

it('two apps that look for a port at the same moment get one each, and neither takes the other for itself', async () => {
  const wanted = await anyFreePort();
  const start = (name: string) => startApp(wanted, options(name), (app) => apps.push(app), never);
  const both = await Promise.all([start('a'), start('b')]);
  const ports = both.map(({ port }) => port).sort();
  expect(new Set(ports).size).toBe(2);
  for (const { app } of both) expect(app.died.reason).toBeUndefined();
  for (const { app, port } of both) expect(app.address).toBe(`http://${HOST}:${port}`);
});

it('an app that ends for another reason is not started again', async () => {
  const wrong = options('c', -1);
  const { app } = await startApp(await anyFreePort(), wrong, (started) => apps.push(started), never);
  expect(apps).toHaveLength(1);
  await expect(app.ready(never)).rejects.toMatchObject({ code: 'EVO-921' });
});
