import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import type { History } from './contract.ts';
import type { Connection } from './database/connection.ts';
import { DatabaseError } from './database/errors.ts';
import { knownHosts } from './hosts.ts';
import { Control } from './live/control.ts';
import { Evolution } from './live/evolution.ts';
import { SnapshotHistory } from './live/history.ts';
import { historyOf } from './live/hub-methods.ts';
import { Recordings } from './live/recordings.ts';
import { Reports } from './live/reports.ts';
import { topologyOf } from './live/testing.ts';
import { Timeline } from './live/timeline.ts';
import { LatestTopology } from './live/topology.ts';
import { HttpClient } from './load/http-client.ts';
import { Load } from './load/load.ts';
import { Spike } from './load/spike.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { Telemetry } from './telemetry/telemetry.ts';
import { Witness, type WitnessDatabase } from './witness/witness.ts';

interface Sent {
  text: string;
  values: readonly unknown[];
}

/** Stands where the pool is: notes what is sent, and answers or fails as the test says. */
function connection(name: 'writer' | 'reader', user: string) {
  const sent: Sent[] = [];
  const state: { fails: string | undefined; tryOut: string | undefined } = {
    fails: undefined,
    tryOut: '42501',
  };
  const fake = {
    name,
    user,
    moveProblem: undefined,
    pool: { open: 0, idle: 0, waiting: 0 },
    async query(statement: { text: string }, values: readonly unknown[]) {
      sent.push({ text: statement.text, values });
      if (state.fails)
        throw new DatabaseError(name, state.fails, `The ${name} connection did not answer (${state.fails}).`);
      return [];
    },
    async tryOut() {
      if (state.tryOut) throw new DatabaseError(name, state.tryOut, 'refused');
    },
  };
  return { sent, state, connection: fake as unknown as Connection };
}

function setUp(options: { token?: string; readerUser?: string } = {}) {
  const writer = connection('writer', 'app_writer');
  const reader = connection('reader', options.readerUser ?? 'app_reader');
  const witness = new Witness({ database: {} as WitnessDatabase, rps: 1, allowanceMs: 1 });
  const reports = new Reports(witness);
  const topology = new LatestTopology();
  const history = new SnapshotHistory();
  const timeline = new Timeline(() => {});
  const evolution = new Evolution(timeline);
  // Nothing listens there: what is tested here is what the app answers, not what the spike meets.
  const client = new HttpClient(() => 'http://127.0.0.1:9');
  const spike = new Spike({ client });
  const metrics = createMetrics({
    spike: () => spike.state,
    witness: () => witness.state,
    pools: () => ({ writer: writer.connection.pool, reader: reader.connection.pool }),
    evolution: () => evolution.state,
  });
  const control = new Control({
    load: new Load(client, { readerRps: 1, writerRps: 1 }),
    spike,
    timeline,
    evolution,
    reports,
    topology,
    witness,
    limits: { maxSeconds: 120, maxRps: 500 },
    token: options.token,
  });
  const app = createApp({
    writer: writer.connection,
    reader: reader.connection,
    control,
    reports,
    recordings: new Recordings(() => historyOf({ control, history, timeline }, false)),
    history,
    timeline,
    telemetry: new Telemetry(metrics, (...request) => reports.request(...request)),
    registry: metrics.registry,
    log: pino({ level: 'silent' }),
    hashKey: 'key',
    trustProxy: false,
    isKnownHost: knownHosts({ host: '0.0.0.0', allowedHosts: ['app.example'], controlToken: options.token }),
    pageFolder: '/nowhere',
    isStopping: () => false,
  });
  const post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
    app.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  return { app, post, writer, reader, control, spike, timeline, topology, witness };
}

const error = async (response: Response) =>
  ((await response.json()) as { error: { code: string; message: string } }).error;

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

describe('commands', () => {
  it('are each answered with the resulting state, and may be given twice', async () => {
    const { post } = setUp();
    const state = async (name: string) =>
      ((await (await post(`/commands/${name}`)).json()) as { load: object }).load;
    expect(await state('start-load')).toMatchObject({ readers: true, writers: true });
    expect(await state('start-load')).toMatchObject({ readers: true, writers: true });
    expect(await state('stop-readers')).toMatchObject({ readers: false, writers: true });
    expect(await state('stop-writers')).toMatchObject({ readers: false, writers: false });
    expect(await state('start-readers')).toMatchObject({ readers: true, writers: false });
    expect(await state('start-writers')).toMatchObject({ readers: true, writers: true });
    expect(await state('stop-load')).toMatchObject({ readers: false, writers: false });
    expect(await state('stop-load')).toMatchObject({ readers: false, writers: false });
  });

  it('leave a mark on the timeline when they change something', async () => {
    const { post, timeline } = setUp();
    await post('/commands/start-readers');
    await post('/commands/start-readers');
    await post('/commands/stop-load');
    expect(timeline.marks.map((mark) => mark.label)).toEqual(['start-readers', 'stop-load']);
  });

  it('take what somebody saw of the nodes, without a mark, and refuse what cannot be', async () => {
    const { post, timeline, topology } = setUp();
    const seen = topologyOf([{ copies: [3, 0, 3] }, { state: 'joining' }]);
    expect((await post('/commands/topology', seen)).status).toBe(200);
    expect(topology.latest).toEqual(seen);
    expect(timeline.marks).toEqual([]);
    const refused = await post('/commands/topology', { ...seen, nodes: [] });
    expect(refused.status).toBe(400);
    expect((await error(refused)).message).toBe('nodes: name at least one node');
  });

  it('want the token for that as well', async () => {
    const { post, topology } = setUp({ token: 'open-sesame' });
    expect((await post('/commands/topology', topologyOf([{}]))).status).toBe(401);
    expect(topology.latest).toBeNull();
  });

  it('mark a phase, from which on the report counts anew', async () => {
    const { post, app } = setUp();
    await app.request('/search?q=a');
    expect(await (await post('/commands/mark', { kind: 'phase', label: 'phase1' })).json()).toMatchObject({
      phase: 'phase1',
    });
    await app.request('/search?q=a');
    await app.request('/search?q=a');
    const { periods } = (await (await app.request('/report')).json()) as {
      periods: { phase: string; requests: { search: object } }[];
    };
    expect(periods.map((p) => [p.phase, p.requests.search])).toEqual([
      [null, expect.objectContaining({ requests: 1, errors: 0 })],
      ['phase1', expect.objectContaining({ requests: 2, errors: 0 })],
    ]);
  });

  it('are on the timeline of the last hour, which is told where the page is, and not under foreign names', async () => {
    const { post, app } = setUp();
    await post('/commands/mark', { kind: 'note', label: 'coffee' });
    const response = await app.request('/history', { headers: { host: 'localhost' } });
    const { columns, rows, marks } = (await response.json()) as History;
    expect(columns).toContain('witness.writeGap');
    expect(rows).toEqual([]);
    expect(marks).toMatchObject([{ kind: 'note', label: 'coffee' }]);
    expect((await app.request('/history', { headers: { host: 'rebound.example' } })).status).toBe(403);
  });

  it('that are unknown are refused with the list of those there are', async () => {
    const { post } = setUp();
    for (const name of ['drop-tables', 'constructor', '__proto__']) {
      const response = await post(`/commands/${name}`);
      expect(response.status).toBe(404);
      expect((await error(response)).message).toContain('stop-spike');
    }
  });

  it('need the token when one is set, and tell no more than that', async () => {
    const { post, control } = setUp({ token: 'right' });
    for (const headers of [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: 'right' },
      { authorization: 'Basic right' },
    ]) {
      for (const path of ['/commands/start-load', '/spike']) {
        const response = await post(path, {}, headers as Record<string, string>);
        expect(response.status).toBe(401);
        expect(response.headers.get('www-authenticate')).toBe('Bearer');
      }
    }
    expect(control.state.load.readers).toBe(false);
    expect((await post('/commands/start-load', {}, { authorization: 'Bearer right' })).status).toBe(200);
    control.command('stop-load', {});
  });

  it.each([
    ['https://evil.example', 403],
    ['null', 403],
    ['not an origin', 403],
    ['http://[', 403],
    ['http://localhost:8080', 200],
  ])('from a page whose Origin is "%s" get %i', async (origin, status) => {
    const { post } = setUp();
    const response = await post('/commands/stop-load', {}, { origin, host: 'localhost:8080' });
    expect(response.status).toBe(status);
  });
});

describe('a name that anybody could let resolve to here', () => {
  const evil = { host: 'evil.example:8080', origin: 'http://evil.example:8080' };

  it('gets no command done and no page where there is no token', async () => {
    const { app, post, control } = setUp();
    for (const path of ['/commands/start-load', '/spike']) {
      const response = await post(path, {}, evil);
      expect(response.status).toBe(403);
      expect(await error(response)).toMatchObject({
        code: 'unknown_host',
        message: expect.stringContaining('APP_ALLOWED_HOSTS'),
      });
    }
    expect(control.state).toMatchObject({ load: { readers: false }, spike: { running: false } });
    expect((await app.request('/', { headers: evil })).status).toBe(403);
    expect((await app.request('/healthz', { headers: evil })).status).toBe(200);
  });

  it('is no matter with a token, nor where it was named', async () => {
    const command = ['/commands/stop-load', {}] as const;
    expect(
      (await setUp({ token: 't' }).post(...command, { ...evil, authorization: 'Bearer t' })).status,
    ).toBe(200);
    expect((await setUp({ token: 't' }).post(...command, evil)).status).toBe(401);
    expect((await setUp().post(...command, { host: 'app.example' })).status).toBe(200);
  });
});

describe('POST /spike', () => {
  it.each([
    [{ seconds: 121 }, 422, '120'],
    [{ rps: 501 }, 422, '500'],
    [{ rps: 1e308 }, 422, '500'],
    [{ seconds: -1 }, 400, 'seconds'],
    [{ rps: 0 }, 400, 'rps'],
    [{ mix: { login: 0, search: 0 } }, 400, 'weight'],
    [{ mix: { login: -1, search: 2 } }, 400, 'mix.login'],
    [{ rps: '5' }, 400, 'rps'],
    [{ url: 'http://elsewhere' }, 400, 'url'],
  ])('refuses %j with %i and names the limit', async (body, status, reason) => {
    const { post, spike } = setUp();
    const response = await post('/spike', body);
    expect(response.status).toBe(status);
    expect((await error(response)).message).toContain(reason);
    expect(spike.running).toBe(false);
  });

  it('runs one at a time: a second is 409, while the command of the same name may be given again', async () => {
    const { post, spike } = setUp();
    expect((await post('/spike', { seconds: 5, rps: 1 })).status).toBe(202);
    expect((await post('/spike', { seconds: 5, rps: 1 })).status).toBe(409);
    expect((await post('/commands/start-spike', { seconds: 5, rps: 1 })).status).toBe(200);
    await post('/commands/stop-spike');
    await expect.poll(() => spike.running).toBe(false);
    expect(spike.state.last?.stopped).toBe(true);
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
