import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyFreePort } from '../cli/lib/machine/ports.ts';
import { SampleApp, settings, startDatabase, type TestDatabase } from './support/sample-app.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some((a) => a.address === '::1'));
if (!hasIpv6) console.warn('SKIPPED: the IPv6 part of tests/own-load.test.ts needs IPv6 on loopback.');

let test: TestDatabase;
beforeAll(async () => {
  test = await startDatabase();
});
afterAll(() => test?.remove());

/** Somebody else's server, who is to get nothing of ours. */
async function stranger(host: string, port: number): Promise<{ asked: string[]; server: Server }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end('{}');
  }).listen(port, host);
  await once(server, 'listening');
  return { asked, server };
}

describe('the load and the spike of an app', () => {
  it.each([
    ['::1', '[::1]', '127.0.0.1'],
    ['127.0.0.2', '127.0.0.2', '127.0.0.1'],
    ['0.0.0.0', '127.0.0.1', undefined],
    ['::', '[::1]', undefined],
    ['localhost', 'localhost', undefined],
  ])('that listens on %s go to that app, whoever else has its port', async (host, name, other) => {
    // Linux alone has all of 127.0.0.0/8.
    if ((host.includes(':') && !hasIpv6) || (host === '127.0.0.2' && process.platform !== 'linux')) return;
    const port = await anyFreePort();
    const others = other === undefined ? undefined : await stranger(other, port);
    const app = await SampleApp.start(
      settings(test, { APP_HOST: host, APP_PORT: String(port), APP_LOAD_AUTOSTART: 'true' }),
    );
    try {
      const at = `http://${name}:${port}`;
      const spike = { method: 'POST', headers: { 'content-type': 'application/json' } };
      expect((await fetch(`${at}/spike`, { ...spike, body: '{"seconds":1,"rps":50}' })).status).toBe(202);
      const metrics = async () => (await fetch(`${at}/metrics`)).text();
      await expect.poll(metrics).toMatch(/^spike_requests_total\{result="ok"\} 50$/m);
      await expect
        .poll(metrics)
        .toMatch(/^http_requests_total\{method="POST",route="\/login",status="201"\} [1-9]/m);
      expect(await metrics()).not.toMatch(/^spike_requests_total\{result="failed"\} [1-9]/m);
      expect(others?.asked ?? []).toEqual([]);
    } finally {
      await app.stop();
      others?.server.close();
    }
  });
});
