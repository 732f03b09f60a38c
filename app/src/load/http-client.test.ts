import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { HttpClient } from './http-client.ts';

it('rejects, and throws nowhere else, when the server is gone by the time that a request is sent again', async () => {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    if (requests === 1) response.end();
    else request.socket.resetAndDestroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let asked = 0;
  const client = new HttpClient(() => {
    asked += 1;
    if (asked === 3) throw new Error('no address any more');
    return url;
  });
  expect(await client.send({ method: 'GET', path: '/' })).toBe(200);
  // The kept connection is reset, so the request is sent again: for that the address is asked for a third time.
  await expect(client.send({ method: 'GET', path: '/' })).rejects.toThrow('no address any more');
  client.close();
  server.close();
});
