import { createServer, type Server } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { anyFreePort, freePortFrom, freePorts, HOST, isFree } from './ports.ts';

async function occupy(port: number): Promise<void> {
  const server: Server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  onTestFinished(() => void server.close());
}

it('takes the wanted port when it is free, and a later one when it is not', async () => {
  const port = await anyFreePort();
  expect(await freePortFrom(port)).toBe(port);
  await occupy(port);
  expect(await freePortFrom(port)).toBeGreaterThan(port);
});

it('says which ports were tried when none is free', async () => {
  await occupy(65_535).catch(() => {});
  await expect(freePortFrom(65_535)).rejects.toThrow('Ports 65535 to 65535 of this machine are all in use');
});

it('finds many at once, each another one, and holds none of them', async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  for (const port of ports) expect(await isFree(port)).toBe(true);
});
