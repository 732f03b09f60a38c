import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { topologyOf } from '../../../app/src/live/testing.ts';
import { appThrough, type Way } from './app.ts';

function app(status: number, body: string, token?: string) {
  const sent: unknown[] = [];
  const way: Way = {
    send: async (pod, request) => {
      sent.push([pod, request]);
      return { status, body };
    },
    open: async () => Object.assign(Readable.from([body]), { statusCode: status }),
  };
  return { sent, ...appThrough('sample-app-1', way, async () => token) };
}

describe('the app through its pod', () => {
  it('is read when it is not ready too: it says which part fails', async () => {
    const body = { ok: false, checks: { writer: { ok: false, detail: 'timeout' } } };
    expect(await app(503, JSON.stringify(body)).readiness()).toEqual(body);
  });

  it('takes a mark with the control token, where there is one', async () => {
    const with_ = app(200, '{}', 'secret');
    await with_.mark('phase', 'phase1');
    expect(with_.sent).toEqual([
      [
        'sample-app-1',
        {
          method: 'POST',
          path: '/commands/mark',
          headers: { 'Content-Type': 'application/json', Authorization: 'Bearer secret' },
          body: '{"kind":"phase","label":"phase1"}',
        },
      ],
    ]);
    const without = app(200, '{}');
    await without.mark('note', 'x');
    expect(JSON.stringify(without.sent)).not.toContain('Authorization');
  });

  it('starts and stops its own load', async () => {
    const started = app(200, '{}');
    await started.load(true);
    await started.load(false);
    expect(JSON.stringify(started.sent)).toMatch(/start-load.*stop-load/);
  });

  it('shows the page what the database is made of, unless it is an app of before, which knows no such command', async () => {
    const seen = topologyOf([{}, {}]);
    const shown = app(200, '{}', 'secret');
    expect(await shown.topology(seen)).toBe(true);
    expect(shown.sent).toEqual([
      ['sample-app-1', expect.objectContaining({ path: '/commands/topology', body: JSON.stringify(seen) })],
    ]);
    expect(await app(404, '{}').topology(seen)).toBe(false);
    await expect(app(401, '').topology(seen)).rejects.toThrow('with 401');
  });

  it('hands on what the page is sent as it comes, or says why there is none', async () => {
    expect(await text(await app(200, 'a line\n').recording())).toBe('a line\n');
    const full = app(503, '{"error":{"code":"too_many_recordings","message":"4 recordings run already."}}');
    await expect(full.recording()).rejects.toThrow(
      'sample-app-1 answered /recording with 503: 4 recordings run already.',
    );
  });

  it('says what the app refused, and nothing of the token', async () => {
    const refused = app(
      401,
      '{"error":{"code":"token_required","message":"This needs the token."}}',
      'secret',
    );
    await expect(refused.mark('phase', 'x')).rejects.toThrow(
      'sample-app-1 answered /commands/mark with 401: This needs the token. Look at the log of the pod.',
    );
    await expect(app(502, '').report()).rejects.toThrow('with 502: nothing.');
  });
});
