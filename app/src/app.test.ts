import { beforeEach, describe, expect, it } from 'vitest';
import { error, setUp } from './app.testing.ts';

describe('POST /login', () => {
  let context: ReturnType<typeof setUp>;
  beforeEach(() => {
    context = setUp();
  });

  it('inserts one event through the writer, under an id that it made and answers', async () => {
    const response = await context.post('/login', { userId: 'ada' }, { 'user-agent': 'Browser/1' });
    expect(response.status).toBe(201);
    const { id } = (await response.json()) as { id: string };
    expect(context.writer.sent).toHaveLength(1);
    expect(context.writer.sent[0]?.values.slice(0, 2)).toEqual([id, 'ada']);
    expect(context.reader.sent).toHaveLength(0);
  });

  it('stores address and user agent as keyed hashes only, the same for the same client', async () => {
    await context.post('/login', { userId: 'ada' }, { 'user-agent': 'Browser/1' });
    await context.post('/login', { userId: 'bob' }, { 'user-agent': 'Browser/1' });
    const [first, second] = context.writer.sent.map((s) => s.values.slice(2));
    expect(first).toEqual(second);
    expect(JSON.stringify(first)).not.toContain('Browser');
    expect(first?.every((hash) => /^[0-9a-f]{32}$/.test(String(hash)))).toBe(true);
  });

  it.each([
    [undefined, 400, 'userId: is missing'],
    [{ userId: '' }, 400, 'is empty'],
    [{ userId: 7 }, 400, 'must be text'],
    [{ userId: 'x'.repeat(129) }, 400, 'longer than 128'],
    [{ userId: 'a\u0000b' }, 400, 'control characters'],
    ['{"userId":"\\ud800"}', 400, 'broken Unicode'],
    ['{', 400, 'not JSON'],
    ['null', 400, 'userId'],
    ['[]', 400, 'body'],
  ])('answers %j with %i and the reason', async (body, status, reason) => {
    const response = await context.post('/login', body);
    expect(response.status).toBe(status);
    expect((await error(response)).message).toContain(reason);
    expect(context.writer.sent).toHaveLength(0);
  });

  it('refuses a body that is too large, whether its length is told or not', async () => {
    expect(
      (await context.post('/login', { userId: 'x'.repeat(20_000) }, { 'content-length': '20000' })).status,
    ).toBe(413);
    expect((await context.post('/login', { userId: 'x'.repeat(20_000) })).status).toBe(413);
    expect((await context.post('/login', { userId: 'x' }, { 'transfer-encoding': 'chunked' })).status).toBe(
      201,
    );
  });

  it.each([
    [{ 'content-type': 'text/plain' }, 415, 'application/json'],
    [{ 'content-type': 'application/json-patch+json' }, 415, 'application/json'],
    [{ 'content-type': 'application/jsonp' }, 415, 'application/json'],
    [{ 'content-type': 'application/json, text/plain' }, 415, 'application/json'],
    [{ 'content-type': 'application/json; charset=latin1' }, 415, 'UTF-8'],
    [{ 'content-type': 'application/json;charset="utf-16"' }, 415, 'UTF-8'],
    [{ 'content-encoding': 'gzip' }, 415, 'Content-Encoding'],
    [{ 'content-encoding': 'br, gzip' }, 415, 'Content-Encoding'],
    [{ 'content-type': 'application/json ; charset=UTF-8' }, 201, ''],
    [{ 'content-type': 'Application/JSON; q=1; charset="utf8"' }, 201, ''],
    [{ 'content-encoding': 'identity' }, 201, ''],
  ])('answers a body with %j with %i', async (headers, status, reason) => {
    const response = await context.post('/login', { userId: 'ada' }, headers as Record<string, string>);
    expect(response.status).toBe(status);
    if (status === 415) expect((await error(response)).message).toContain(reason);
    if ('content-encoding' in headers && status === 415)
      expect(response.headers.get('accept-encoding')).toBe('identity');
    expect(context.writer.sent).toHaveLength(status === 201 ? 1 : 0);
  });

  it('refuses bytes that are not UTF-8, and stores no sign in their place', async () => {
    for (const bytes of [[0xff], [0xc3, 0x28], [0xe9], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf0, 0x9f]]) {
      const body = Buffer.concat([Buffer.from('{"userId":"a'), Buffer.from(bytes), Buffer.from('"}')]);
      const response = await context.app.request('/login', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      expect(response.status).toBe(400);
      expect((await error(response)).code).toBe('bad_encoding');
    }
    expect(context.writer.sent).toHaveLength(0);
    expect((await context.post('/login', '\ufeff{"userId":"\ufffd"}')).status).toBe(201);
  });

  it('answers 503 and says which connection, when the database is away', async () => {
    context.writer.state.fails = 'ECONNREFUSED';
    const response = await context.post('/login', { userId: 'ada' });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await error(response)).toMatchObject({
      code: 'database_unavailable',
      message: expect.stringContaining('writer'),
    });
  });
});

describe('GET /search', () => {
  const { app, reader, writer } = setUp();

  it('asks the reader for the range of terms that begin with q, which means nothing but itself', async () => {
    for (const q of ['Acc', '%', '_', '\\', "' OR 1=1 --", 'é']) {
      expect((await app.request(`/search?q=${encodeURIComponent(q)}`)).status).toBe(200);
      expect(reader.sent.at(-1)?.values).toEqual([q.toLowerCase(), `${q.toLowerCase()}\u{10FFFF}`]);
    }
    expect(new Set(reader.sent.map((s) => s.text)).size).toBe(1);
    expect(writer.sent).toHaveLength(0);
  });

  it.each([
    ['', 'is empty'],
    ['?q=', 'is empty'],
    ['?q=%20%20', 'is empty'],
    [`?q=${'x'.repeat(65)}`, 'longer than 64'],
    ['?q=a%00b', 'control characters'],
    ['?q=%ff%fe', 'not percent-encoded UTF-8'],
    ['?q=a%E9', 'not percent-encoded UTF-8'],
    ['?q=50%', 'not percent-encoded UTF-8'],
    ['?a=b&q=%C3%28', 'not percent-encoded UTF-8'],
  ])('answers %s with 400 and the reason', async (query, reason) => {
    const response = await app.request(`/search${query}`);
    expect(response.status).toBe(400);
    expect((await error(response)).message).toContain(reason);
  });
});

describe('GET /readyz', () => {
  it('is ready when both connections answer and the read-only user cannot write', async () => {
    const response = await setUp().app.request('/readyz');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      ok: true,
      checks: { readOnlyUser: { ok: true, detail: expect.stringContaining('42501') } },
    });
  });

  it('says which part fails and why', async () => {
    const { app, reader } = setUp();
    reader.state.fails = 'ECONNREFUSED';
    const response = await app.request('/readyz');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      ok: false,
      checks: {
        writer: { ok: true },
        reader: { ok: false, detail: 'The reader connection did not answer (ECONNREFUSED).' },
      },
    });
  });

  it('is not ready when the user that should only read can write', async () => {
    const { app, reader } = setUp();
    reader.state.tryOut = undefined;
    const response = await app.request('/readyz');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      checks: { readOnlyUser: { ok: false, detail: expect.stringContaining('can write') } },
    });
  });

  it.each(['42601', '42P01', '40001', '57P01', 'TIMEOUT'])(
    'takes %s for no proof that the read-only user cannot write',
    async (code) => {
      const { app, reader } = setUp();
      reader.state.tryOut = code;
      const response = await app.request('/readyz');
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({
        checks: { readOnlyUser: { ok: false, detail: 'could not be checked: refused' } },
      });
    },
  );

  it('does not ask that of a reader that is the writer’s user', async () => {
    const { app, reader } = setUp({ readerUser: 'app_writer' });
    reader.state.tryOut = undefined;
    expect((await app.request('/readyz')).status).toBe(200);
  });
});

describe('GET /metrics', () => {
  it('counts by method, route and status, and puts every unknown path under one route', async () => {
    const { app, post } = setUp();
    await post('/login', { userId: 'ada' });
    await app.request('/search?q=a');
    for (let i = 0; i < 2000; i += 1) await app.request(`/random/${i}`, { method: i % 2 ? 'GET' : `M${i}` });
    const text = await (await app.request('/metrics')).text();
    expect(text).toContain('http_requests_total{method="POST",route="/login",status="201"} 1');
    expect(text).toContain('http_requests_total{method="GET",route="other",status="404"} 1000');
    expect(text).toContain('http_requests_total{method="other",route="other",status="404"} 1000');
    expect(text.split('\n').length).toBeLessThan(600);
  });
});

describe('a method that an address does not take', () => {
  it.each([
    ['PUT', '/login', 'POST'],
    ['GET', '/spike', 'POST'],
    ['GET', '/commands/start-load', 'POST'],
    ['POST', '/search?q=a', 'GET, HEAD'],
    ['DELETE', '/metrics', 'GET, HEAD'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['POST', '/', 'GET, HEAD'],
    ['OPTIONS', '/login', 'POST'],
    ['PROPFIND', '/report', 'GET, HEAD'],
  ])('is refused: %s %s, which takes %s', async (method, path, allow) => {
    const { app } = setUp();
    const response = await app.request(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
    expect(await error(response)).toEqual({
      code: 'method_not_allowed',
      message: `This address takes ${allow}.`,
    });
    expect(await (await app.request('/metrics')).text()).toContain('status="405"} 1');
  });

  it('is no matter where nothing is, and HEAD is taken where GET is', async () => {
    const { app } = setUp();
    expect((await app.request('/nothing-here', { method: 'DELETE' })).status).toBe(404);
    expect((await app.request('/healthz', { method: 'HEAD' })).status).toBe(200);
  });
});

describe('every answer', () => {
  it('forbids to guess its content type, and errors have one form without a stack', async () => {
    const { app } = setUp();
    const response = await app.request('/nothing-here');
    expect(response.status).toBe(404);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(Object.keys((await response.json()) as object)).toEqual(['error']);
  });

  it('that fails for a reason of its own is 500 without a word about the inside', async () => {
    const { app, reader } = setUp();
    (reader.connection as unknown as { query: () => never }).query = () => {
      throw new Error('secret inside');
    };
    const response = await app.request('/search?q=a');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
  });
});
