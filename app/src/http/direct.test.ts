import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { setUp } from '../app.testing.ts';
import { directRoutes } from './direct.ts';
import { logins } from './login.ts';
import { searches } from './search.ts';

type Context = ReturnType<typeof setUp>;

let routed: Context;
let both: Context;
const servers: Server[] = [];
/** Requests that the direct routes took. */
let taken = 0;

beforeAll(async () => {
  [routed, both] = [setUp(), setUp()];
  const direct = directRoutes({
    login: logins({ writer: both.writer.connection, hashKey: 'key' }),
    search: searches({ reader: both.reader.connection }),
    telemetry: both.telemetry,
    log: pino({ level: 'silent' }),
    trustProxy: false,
  });
  for (const { app } of [routed, both]) {
    const route = getRequestListener(app.fetch);
    const server = createServer((request, response) => {
      if (app === both.app && direct(request, response)) taken += 1;
      else void route(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
  }
});
afterAll(() => {
  for (const server of servers) server.close();
});

/** What comes back, until the server closes the connection; without what differs from request to request. */
function answer(server: Server, parts: readonly string[], thenLeave: boolean): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      const comparable = text
        .replace(/^date: .*\r\n/im, '')
        .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, 'id')
        .split('\r\n');
      const end = comparable.indexOf('');
      resolve(
        [
          ...comparable
            .slice(0, end)
            .map((l) => l.toLowerCase())
            .sort(),
          ...comparable.slice(end),
        ].join('\n'),
      );
    });
    const [first = '', ...rest] = parts;
    socket.write(first, 'latin1');
    for (const [i, part] of rest.entries()) setTimeout(() => socket.write(part, 'latin1'), 30 * (i + 1));
    if (thenLeave) setTimeout(() => socket.destroy(), 60);
  });
}

const head = (line: string, ...headers: string[]) =>
  [`${line} HTTP/1.1`, 'Host: localhost:8080', 'Connection: close', ...headers, '', ''].join('\r\n');
const get = (target: string, ...headers: string[]) => head(`GET ${target}`, ...headers);
const post = (body: string, ...headers: string[]) => {
  const length = Buffer.byteLength(body, 'latin1');
  const all = headers.length > 0 ? headers : ['Content-Type: application/json'];
  return head('POST /login', `Content-Length: ${length}`, ...all) + body;
};
const utf8 = (text: string) => Buffer.from(text).toString('latin1');

const USUAL: Readonly<Record<string, string>> = {
  'a search': get('/search?q=ac'),
  'a search of two words': get('/search?q=account%20balance'),
  'a search with a plus': get('/search?q=account+balance'),
  'a search in capitals and accents': get('/search?q=%C3%89T%C3%89'),
  'a search for nothing': get('/search?q=%20%20'),
  'a search for a control character': get('/search?q=a%00b'),
  'a search that is too long': get(`/search?q=${'x'.repeat(65)}`),
  'a login': post('{"userId":"ada"}'),
  'a login with a user agent': post(
    '{"userId":"ada"}',
    'Content-Type: application/json',
    'User-Agent: Browser/1',
  ),
  'a login in Unicode': post(utf8('{"userId":"Zoë 😀"}')),
  'a login with a byte order mark': post(utf8('\ufeff{"userId":"ada"}')),
  'a login without a user': post('{}'),
  'a login of a number': post('{"userId":7}'),
  'a login with a half of a character': post('{"userId":"\\ud800"}'),
  'a login with a prototype': post('{"__proto__":{"userId":"x"}}'),
  'a login of null': post('null'),
  'a login that is not JSON': post('{'),
  'a login that is not UTF-8': post('{"userId":"a\xff"}'),
  'a login from behind a proxy': post(
    '{"userId":"ada"}',
    'Content-Type: application/json',
    'X-Forwarded-For: 10.9.8.7',
  ),
};

const UNUSUAL: Readonly<Record<string, string>> = {
  'a search without q': get('/search'),
  'a search with an empty q': get('/search?q='),
  'a search for two things': get('/search?q=a&q=b'),
  'a search with more parameters': get('/search?p=1&q=a'),
  'a search with broken encoding': get('/search?q=%ff'),
  'a search with half an escape': get('/search?q=50%'),
  'a search for a quote': get("/search?q='"),
  'a search with a fragment': get('/search?q=a#b'),
  'a search with a slash': get('/search/?q=a'),
  'a search by an absolute address': get('http://localhost:8080/search?q=a'),
  'a search by HEAD': head('HEAD /search?q=a'),
  'a search by POST': head('POST /search?q=a', 'Content-Length: 0'),
  'a search of a strange host': get('/search?q=a').replace('localhost:8080', 'a b'),
  'a search of an address that is written in another way': get('/search?q=a').replace(
    'localhost:8080',
    '127.1',
  ),
  'a search of a port that there is not': get('/search?q=a').replace('8080', '99999'),
  'a search of a host in capitals': get('/search?q=a').replace('localhost', 'LocalHost'),
  'a login with a charset': post('{"userId":"ada"}', 'Content-Type: application/json; charset=utf-8'),
  'a login of another type': post('{"userId":"ada"}', 'Content-Type: text/plain'),
  'a compressed login': post('{"userId":"ada"}', 'Content-Type: application/json', 'Content-Encoding: gzip'),
  'an empty login': post(''),
  'a login that is too large': post(`{"userId":"${'x'.repeat(20_000)}"}`),
  'a chunked login': `${head('POST /login', 'Content-Type: application/json', 'Transfer-Encoding: chunked')}10\r\n{"userId":"ada"}\r\n0\r\n\r\n`,
  'a login with a query': post('{"userId":"ada"}').replace('/login', '/login?a=b'),
  'a login by PUT': head('PUT /login', 'Content-Length: 0'),
};

async function same(parts: readonly string[], thenLeave = false): Promise<string> {
  const before = [routed, both].map((c) => c.writer.sent.length + c.reader.sent.length);
  const [server, other] = servers as [Server, Server];
  const expected = await answer(server, parts, thenLeave);
  expect(await answer(other, parts, thenLeave)).toBe(expected);
  const sent = [routed, both].map((c) =>
    [...c.writer.sent, ...c.reader.sent].map(({ text, values }) => [text, values.filter((v) => !isId(v))]),
  );
  expect(sent[1]).toEqual(sent[0]);
  expect(both.writer.sent.length + both.reader.sent.length - (before[1] ?? 0)).toBeLessThanOrEqual(1);
  return expected;
}
const isId = (value: unknown) => /^[0-9a-f-]{36}$/.test(String(value));

it.each(Object.entries(USUAL))('answers %s itself, as the router does', async (_, request) => {
  const before = taken;
  await same([request]);
  expect(taken - before).toBe(1);
});

it.each(Object.entries(UNUSUAL))('leaves %s to the router', async (_, request) => {
  const before = taken;
  await same([request]);
  expect(taken - before).toBe(0);
});

it('answers a body that comes in pieces, and one whose rest never comes', async () => {
  const request = post('{"userId":"ada"}');
  expect(await same([request.slice(0, -10), request.slice(-10, -5), request.slice(-5)])).toContain('201');
  expect(await same([request.slice(0, -5)], true)).toBe('');
});

it('goes on when a client has left before its answer', async () => {
  for (const [i, { reader }] of [routed, both].entries()) {
    const { query } = reader.connection;
    const slow: typeof query = async (...args) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return query(...args);
    };
    Object.assign(reader.connection, { query: slow });
    expect(await answer(servers[i] as Server, [get('/search?q=left')], true)).toBe('');
    await expect.poll(() => reader.sent.at(-1)?.values[0]).toBe('left');
    Object.assign(reader.connection, { query });
    expect(await answer(servers[i] as Server, [get('/search?q=stayed')], false)).toContain('200');
  }
});

it.each([
  ['the database is away', 'ECONNREFUSED', 503],
  ['something breaks inside', undefined, 500],
])('answers as the router does when %s', async (_, fails, status) => {
  for (const { reader, writer } of [routed, both])
    for (const { state, connection } of [reader, writer]) {
      state.fails = fails;
      if (fails === undefined)
        (connection as unknown as { query: () => never }).query = () => {
          throw new Error('secret inside');
        };
    }
  for (const request of [get('/search?q=a'), post('{"userId":"ada"}')]) {
    const text = await same([request]);
    expect(text).toContain(String(status));
    expect(text).not.toContain('secret');
  }
});

it('counts what it answers as the router does', async () => {
  const [expected, counted] = await Promise.all(
    [routed, both].map(async ({ app }) => {
      const text = await (await app.request('/metrics')).text();
      return text
        .split('\n')
        .filter((line) => /^http_(requests_total|request_duration_seconds_count)/.test(line));
    }),
  );
  expect(counted?.sort()).toEqual(expected?.sort());
  expect(counted?.join()).toContain('status="201"');
});
