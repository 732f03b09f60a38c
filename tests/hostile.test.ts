import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seeded } from './support/random.ts';
import { SampleApp, settings, startDatabase, type TestDatabase } from './support/sample-app.ts';

let test: TestDatabase;
let app: SampleApp;

beforeAll(async () => {
  test = await startDatabase();
  app = await SampleApp.start(settings(test));
});
afterAll(async () => {
  await app?.stop();
  await test?.remove();
});

/** What comes back for bytes as they are, until the server closes or for a second. */
function raw(bytes: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(app.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    const end = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('close', end);
    socket.on('error', end);
    socket.setTimeout(1500, end);
    socket.write(bytes);
  });
}

const QUERIES = [
  "' OR 1=1; DROP TABLE login_events; --",
  "a'; SELECT pg_sleep(10); --",
  '%',
  '_',
  '\\',
  '\\\\',
  '%%%%',
  "''",
  '"',
  '`',
  '$1',
  '$$',
  '--',
  '/*',
  ';',
  '<script>alert(1)</script>',
  '{{7*7}}',
  '../../etc/passwd',
  '\u202Etxt',
  '😀',
  'İ',
  'ß',
  '\u{10FFFF}',
  '\uFFFE',
  '\uD83D',
  '\u0000',
  '\r\nX: y',
  '\t',
  'x'.repeat(64),
  'x'.repeat(65),
  'x'.repeat(6000),
  '-1',
  '1e999',
  'NaN',
  'null',
  '[object Object]',
];

describe('the app', () => {
  it.each(QUERIES)('answers a search for %j with results or with a reason', async (q) => {
    const response = await app.get(`/search?q=${encodeURIComponent(q.replace(/\p{Cs}/gu, '\uFFFD'))}`);
    expect([200, 400]).toContain(response.status);
    const body = (await response.json()) as { terms?: unknown[]; error?: { message: string } };
    expect(response.status === 200 ? Array.isArray(body.terms) : body.error?.message).toBeTruthy();
  });

  it('answers broken percent-encoding and repeated parameters', async () => {
    for (const query of [
      'q=%',
      'q=%zz',
      'q=%ff%fe',
      'q=a&q=b',
      'q[]=a',
      'q=a%00',
      '&&&',
      '?q=a',
      'q=%C0%80',
    ]) {
      expect((await app.get(`/search?${query}`)).status).toBeLessThan(500);
    }
  });

  it('never answers bodies of the wrong kind with a 500, and stores none of them', async () => {
    const before = await test.database.loginEvents();
    const values: unknown[] = [
      null,
      0,
      -1,
      1e308,
      '',
      [],
      {},
      [[[[]]]],
      { toString: 1 },
      true,
      '\u0000',
      'x'.repeat(1000),
      { $ne: 1 },
    ];
    for (const value of values) {
      for (const [path, body] of [
        ['/login', { userId: value }],
        ['/login', value],
        ['/spike', { seconds: value, rps: value, mix: value }],
        ['/spike', value],
        ['/commands/mark', { kind: value, label: value }],
        ['/commands/start-spike', value],
        ['/commands/mark', value],
      ] as const) {
        // `{}` is a spike of the default size, which is right; it is stopped again below.
        expect((await app.post(path, body)).status, `${path} ${JSON.stringify(body)}`).toBeLessThan(500);
      }
    }
    await app.command('stop-spike');
    await expect.poll(async () => (await app.command('stop-spike')).spike.running).toBe(false);
    const spiked = (await app.report()).periods.flatMap((p) => p.spikes).reduce((sum, s) => sum + s.sent, 0);
    expect((await test.database.loginEvents()) - before).toBeLessThanOrEqual(spiked);
  });

  it('does not follow a prototype that a body brings', async () => {
    for (const body of ['{"__proto__":{"userId":"x"}}', '{"constructor":{"prototype":{"userId":"x"}}}']) {
      const response = await fetch(`${app.url}/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      expect(response.status).toBe(400);
    }
    expect(({} as { userId?: string }).userId).toBeUndefined();
  });

  it('refuses a body of 10 MB without keeping it', async () => {
    const before = process.memoryUsage().rss;
    const big = 'x'.repeat(10 * 1024 * 1024);
    for (let i = 0; i < 10; i += 1) {
      const status = await app.post('/login', { userId: big }).then(
        (r) => r.status,
        () => 'closed',
      );
      expect([413, 'closed']).toContain(status);
      await app.post('/nothing', { big }).catch(() => {});
    }
    // The test itself holds the body a few times over; a hundred more would be 1 GB.
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
    expect((await app.get('/healthz')).status).toBe(200);
  });

  it('takes a chunked body, however it is cut, and refuses one that has no end', async () => {
    const head =
      'POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    const chunks = [...'{"userId":"ada"}'].map((character) => `1\r\n${character}\r\n`).join('');
    const before = await test.database.loginEvents();
    expect(await raw(`${head}${chunks}0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 201 /);
    expect(await test.database.loginEvents()).toBe(before + 1);
    expect(await raw(`${head}ffff\r\n${'x'.repeat(0xffff)}\r\n`)).toMatch(/^HTTP\/1\.1 413 /);
    expect(await raw(`${head}not a length\r\n`)).toMatch(/^HTTP\/1\.1 400 |^$/);

    const { hostname, port } = new URL(app.url);
    const endless = connect(Number(port), hostname);
    let answer = '';
    endless.on('data', (data) => (answer += data)).on('error', () => {});
    const send = () => {
      while (!endless.destroyed && endless.write(`1000\r\n${'x'.repeat(0x1000)}\r\n`));
    };
    endless.on('drain', send);
    endless.write(head);
    send();
    // It is told so, and cut off: nobody reads on for ever.
    await expect.poll(() => endless.closed).toBe(true);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect((await app.get('/healthz')).status).toBe(200);
  });

  it('refuses floods of headers, long ones, and requests that are none', async () => {
    const head = 'GET /healthz HTTP/1.1\r\nHost: x\r\n';
    expect(await raw(`${head}${'X: y\r\n'.repeat(20_000)}\r\n`)).toMatch(/^HTTP\/1\.1 431|^$/);
    expect(await raw(`${head}X: ${'y'.repeat(100_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431|^$/);
    for (const bytes of [
      'GET / HTTP/9.9\r\n\r\n',
      '\0\0\0\0\r\n\r\n',
      'GET /\r\n\r\n',
      'POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
      'POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ]) {
      expect(await raw(bytes)).not.toMatch(/^HTTP\/1\.1 5/);
    }
    expect((await app.get('/healthz')).status).toBe(200);
  });

  it('does not count it as a failure of its own when a client leaves in the middle of a body', async () => {
    const statuses = async () =>
      (await app.metrics()).match(
        /^http_requests_total\{method="POST",route="\/login",status="\d+"\} \d+/gm,
      ) ?? [];
    const total = async () => (await statuses()).reduce((sum, line) => sum + Number(line.split(' ')[1]), 0);
    const before = await total();
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    const head =
      'POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"user';
    await new Promise<void>((resolve) => socket.write(head, () => resolve()));
    // The app is at the body by the time that it answers another request.
    await app.get('/healthz');
    socket.resetAndDestroy();
    await expect.poll(total).toBe(before + 1);
    expect((await statuses()).filter((line) => line.includes('status="5'))).toEqual([]);
  });

  it('survives a thousand random requests, and its series stay bounded', async () => {
    const next = seeded(20261121);
    const pick = <T>(list: readonly T[]) => list[Math.floor(next() * list.length)] as T;
    const word = () =>
      Array.from({ length: 1 + Math.floor(next() * 12) }, () =>
        String.fromCharCode(33 + Math.floor(next() * 93)),
      ).join('');
    const seen = new Set<number>();
    for (let i = 0; i < 1000; i += 1) {
      const method = pick(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'PROPFIND']);
      const path = pick([
        `/${word()}`,
        '/login',
        `/search?${word()}`,
        `/commands/${encodeURIComponent(word())}`,
        '/metrics',
        `/assets/${word()}`,
        `/hub?id=${encodeURIComponent(word())}`,
      ]);
      const body = method === 'GET' || method === 'HEAD' ? null : pick(['', '{', word(), '{"userId":"ada"}']);
      const headers = {
        'content-type': pick(['application/json', 'text/plain', word().replace(/[^\w]/g, 'x')]),
      };
      const url = URL.canParse(path, app.url) ? new URL(path, app.url) : new URL(app.url);
      if (url.origin !== app.url) continue;
      const response = await fetch(url, { method, headers, body });
      await response.arrayBuffer();
      seen.add(response.status);
    }
    for (const status of seen)
      expect([200, 201, 202, 400, 401, 403, 404, 405, 411, 413, 415, 422, 503]).toContain(status);
    const series = (await app.metrics()).split('\n').filter((line) => /^http_requests_total\{/.test(line));
    expect(series.length).toBeLessThan(80);
  });
});
