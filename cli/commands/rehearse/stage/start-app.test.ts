import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
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
writeFileSync(url, 'postgresql://app:password@127.0.0.1:1/evolution');
const options = (name: string, allowanceSeconds = 15) => ({
  writerUrlFile: url,
  readerUrlFile: url,
  allowanceSeconds,
  logFile: scratch.path(`${name}.log`),
});
const never = new AbortController().signal;

it('tries the next port when another program takes the first one before the app does', async () => {
  const other = createServer((_request, response) => void response.end('not the app'));
  const wanted = await anyFreePort();
  const { app, port } = await startApp(
    wanted,
    options('a'),
    (started) => {
      apps.push(started);
      if (apps.length === 1) other.listen(wanted, HOST);
    },
    never,
  );
  expect(port).toBeGreaterThan(wanted);
  expect(apps).toHaveLength(2);
  expect(app.died.reason).toBeUndefined();
  expect(await (await fetch(`${app.address}/healthz`)).text()).not.toBe('not the app');
  other.close();
});

it('an app that ends for another reason is not started again', async () => {
  const wrong = options('c', -1);
  const { app } = await startApp(await anyFreePort(), wrong, (started) => apps.push(started), never);
  expect(apps).toHaveLength(1);
  await expect(app.ready(never)).rejects.toMatchObject({ code: 'EVO-921' });
});
