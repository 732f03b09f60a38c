import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RawClient, startHub, type TestHub } from './testing.ts';

let server: TestHub;
beforeEach(async () => {
  server = await startHub();
});
afterEach(() => server.stop());

interface Negotiated {
  connectionId: string;
  connectionToken: string;
}

async function negotiate(query: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url}/negotiate${query}`, { method: 'POST', headers });
}

async function newToken(): Promise<string> {
  const { connectionToken } = (await (await negotiate('?negotiateVersion=1')).json()) as Negotiated;
  return connectionToken;
}

/** The status that a WebSocket request is answered with. */
async function upgrade(query: string, headers: Record<string, string> = {}): Promise<number> {
  const { socket } = new RawClient(`${server.url}${query}`, { headers });
  const refused = new Promise<number>((resolve) => {
    socket.on('unexpected-response', (request, response) => {
      resolve(response.statusCode ?? 0);
      request.destroy();
    });
  });
  return Promise.race([refused, once(socket, 'open').then(() => 101)]);
}

/** Sends bytes and returns all that comes until the server closes. */
async function exchange(bytes: string): Promise<string> {
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  socket.setEncoding('latin1').on('data', (data) => {
    text += data;
  });
  socket.write(bytes, 'latin1');
  await once(socket, 'end');
  return text;
}

describe('Negotiation', () => {
  const availableTransports = [{ transport: 'WebSockets', transferFormats: ['Text'] }];

  test('gives a secret token besides the id from version 1, and the latest version to who asks for more.', async () => {
    for (const query of ['?negotiateVersion=1', '?negotiateVersion=99']) {
      const response = await negotiate(query);
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      const body = (await response.json()) as Negotiated;
      expect(body).toEqual({
        connectionId: expect.any(String),
        connectionToken: expect.stringMatching(/^[\w-]{32}$/),
        negotiateVersion: 1,
        availableTransports,
      });
      expect(body.connectionToken).not.toBe(body.connectionId);
    }
  });

  test('gives an id alone in version 0, which opens the connection.', async () => {
    const body = (await (await negotiate('')).json()) as Negotiated;
    expect(body).toEqual({ connectionId: expect.any(String), negotiateVersion: 0, availableTransports });
    const client = await RawClient.connect(`${server.url}?id=${body.connectionId}`);
    client.send({ type: 1, invocationId: '1', target: 'WhoAmI', arguments: [] });
    expect(await client.next()).toMatchObject({ result: [body.connectionId, '127.0.0.1'] });
  });

  test.each(['?negotiateVersion=x', '?negotiateVersion=-1', '?negotiateVersion=1.5'])(
    'refuses %s.',
    async (query) => {
      expect(await (await negotiate(query)).json()).toEqual({
        error: 'The negotiateVersion is not a number from 0.',
      });
    },
  );
});

describe('A token', () => {
  test('opens one connection, and none after it.', async () => {
    const token = await newToken();
    const client = await RawClient.connect(`${server.url}?id=${token}`);
    expect(await upgrade(`?id=${token}`)).toBe(409);
    client.socket.close();
    await expect.poll(() => server.hub.connections).toBe(0);
    expect(await upgrade(`?id=${token}`)).toBe(404);
  });

  test('must come from this server; nobody needs one.', async () => {
    expect(await upgrade('?id=made-up')).toBe(404);
    expect(await upgrade('?id=')).toBe(404);
    expect(await upgrade('')).toBe(101);
  });

  test('is good for so long.', async () => {
    await server.stop();
    server = await startHub({ handshakeTimeoutMs: 1 });
    const token = await newToken();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await upgrade(`?id=${token}`)).toBe(404);
  });

  test('is forgotten when a thousand others were asked for, so that memory stays bounded.', async () => {
    const [first, second] = [await newToken(), await newToken()];
    for (let i = 0; i < 999; i++) server.hub.negotiate();
    expect(await upgrade(`?id=${first}`)).toBe(404);
    expect(await upgrade(`?id=${second}`)).toBe(101);
  });
});

describe('A page', () => {
  test.each([
    ['https://evil.example', 'app.example', 403],
    ['https://app.example.evil.example', 'app.example', 403],
    ['https://sub.app.example', 'app.example', 403],
    ['http://app.example:8081', 'app.example:8080', 403],
    ['null', 'app.example', 403],
    ['file://', 'app.example', 403],
    ['http://app.example:8080', 'app.example:8080', 101],
    ['https://app.example', 'app.example', 101],
    ['https://app.example', 'APP.example:443', 101],
    ['http://[::1]:8080', '[::1]:8080', 101],
  ])('of %s at host %s gets %i.', async (origin, host, status) => {
    expect(await upgrade('', { origin, host })).toBe(status);
    const answer = await exchange(
      `POST /hub/negotiate HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    );
    expect(answer).toContain(status === 403 ? '"code":"cross_origin"' : '"connectionId"');
    expect(answer).toMatch(status === 403 ? /^HTTP\/1.1 403 / : /^HTTP\/1.1 200 /);
  });
});

describe('An upgrade request', () => {
  const webSocket = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';

  test.each([
    ['another path', `GET /hub/ HTTP/1.1\r\nHost: x\r\n${webSocket}\r\n`, 404],
    ['a path that is none', `GET //[ HTTP/1.1\r\nHost: x\r\n${webSocket}\r\n`, 400],
    ['no key', `GET /hub HTTP/1.1\r\nHost: x\r\n${webSocket}\r\n`, 400],
    [
      'another method',
      `POST /hub HTTP/1.1\r\nHost: x\r\n${webSocket}Sec-WebSocket-Key: ${'A'.repeat(22)}==\r\n\r\n`,
      405,
    ],
  ])('with %s is refused, and its socket closed.', async (_name, bytes, status) => {
    expect(await exchange(bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  test('after close() is refused.', async () => {
    await server.hub.close();
    expect(await upgrade('')).toBe(503);
    expect(await (await negotiate('')).json()).toMatchObject({ error: expect.any(String) });
  });

  test('to HTTP/2 is served as if it did not ask, a body included.', async () => {
    const h2c =
      'Host: x\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n';
    expect(await exchange(`GET /plain HTTP/1.1\r\n${h2c}\r\n`)).toMatch(/^HTTP\/1.1 200 .*GET $/s);
    const body = 'y'.repeat(300_000);
    const answer = await exchange(
      `POST /plain HTTP/1.1\r\n${h2c}Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer.endsWith(`POST ${body}`)).toBe(true);
  });
});
