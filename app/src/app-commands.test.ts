import { describe, expect, it } from 'vitest';
import { error, setUp } from './app.testing.ts';
import type { History } from './contract.ts';
import { topologyOf } from './live/testing.ts';

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
