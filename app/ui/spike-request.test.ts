import { describe, expect, it } from 'vitest';
import { presetsOf, readSpike } from './spike-request.ts';

const limits = { spikeSeconds: 120, spikeRps: 500 };

describe('readSpike', () => {
  it('makes the request that the server takes', () => {
    expect(readSpike({ seconds: '30', rps: ' 200 ', logins: '20' }, limits).request).toEqual({
      seconds: 30,
      rps: 200,
      mix: { login: 0.2, search: 0.8 },
    });
  });

  it('takes the limits themselves', () => {
    expect(readSpike({ seconds: '120', rps: '500', logins: '100' }, limits).request?.mix).toEqual({
      login: 1,
      search: 0,
    });
  });

  it.each([
    [{ seconds: '121', rps: '200', logins: '20' }, 'seconds', '1 to 120'],
    [{ seconds: '30', rps: '501', logins: '20' }, 'rps', '1 to 500'],
    [{ seconds: '30', rps: '0', logins: '20' }, 'rps', '1 to 500'],
    [{ seconds: '', rps: '200', logins: '20' }, 'seconds', 'whole number'],
    [{ seconds: '1e2', rps: '200', logins: '20' }, 'seconds', 'whole number'],
    [{ seconds: '30', rps: '2.5', logins: '20' }, 'rps', 'whole number'],
    [{ seconds: '30', rps: '200', logins: '101' }, 'logins', '0 to 100'],
  ] as const)('refuses %o and names the field and what it may hold', (input, field, words) => {
    const { request, problems } = readSpike(input, limits);
    expect(request).toBeUndefined();
    expect(Object.keys(problems ?? {})).toEqual([field]);
    expect(problems?.[field]).toContain(words);
  });
});

describe('presetsOf', () => {
  it.each([limits, { spikeSeconds: 5, spikeRps: 2 }])('stays within %o', (given) => {
    for (const { seconds, rps } of presetsOf(given)) {
      const input = { seconds: String(seconds), rps: String(rps), logins: '20' };
      expect(readSpike(input, given).problems).toBeUndefined();
    }
  });
});
