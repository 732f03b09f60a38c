import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../app/src/contract.ts';
import { AppProcess } from '../support/app-process.ts';
import type { Fault } from '../support/fault-proxy.ts';
import { SEED, seeded } from '../support/random.ts';
import { Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.set(seeded(SEED));
});
afterAll(() => stage?.strike());

const search = async () => (await fetch(`${stage.url}/search?q=l`)).status;
const login = async () => {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(`${stage.url}/login`, { method: 'POST', headers, body: '{"userId":"ada"}' })).status;
};
const witness = async () => ((await (await fetch(`${stage.url}/report`)).json()) as Report).witness;

/** Opens all connections of the pool: each search holds one for a while. */
async function fillPool(): Promise<void> {
  await stage.proxy.set({ kind: 'latency', ms: 30 });
  await Promise.all(Array.from({ length: 20 }, search));
  await stage.proxy.set({ kind: 'none' });
}

const AWAY: readonly Fault[] = [
  { kind: 'stall' },
  { kind: 'drip', everyMs: 500 },
  { kind: 'reset' },
  { kind: 'half-open' },
  { kind: 'hang' },
  { kind: 'refuse' },
];

describe('the app, when the network between it and its database', () => {
  it('is well, is ready', async () => {
    await expect.poll(() => stage.readyz()).toBe(200);
  });

  it.each(AWAY)('does this: $kind, is not ready while it lasts, and serves again after it', async (fault) => {
    await fillPool();
    await stage.proxy.set(fault);
    await expect.poll(() => stage.readyz()).toBe(503);
    await stage.proxy.set({ kind: 'none' });
    for (const works of [stage.readyz.bind(stage), search, login]) {
      await expect.poll(async () => [200, 201].includes(await works())).toBe(true);
    }
  });

  it('is slow, or loses packets, serves all the same', async () => {
    for (const fault of [
      { kind: 'latency', ms: 20 },
      { kind: 'loss', share: 0.1, ms: 200 },
    ] as const) {
      await stage.proxy.set(fault);
      expect(await search()).toBe(200);
      expect(await login()).toBe(201);
      await stage.proxy.set({ kind: 'none' });
    }
  });

  it('did all that, has lost nothing that it acknowledged', async () => {
    await expect.poll(async () => (await witness()).unconfirmed, { timeout: 25_000 }).toBeLessThan(8);
    expect(await witness()).toMatchObject({ lost: 0, duplicated: 0 });
  });

  it.skipIf(process.platform !== 'linux')(
    'left connections half open, does not keep them when it moves to other credentials',
    async () => {
      await fillPool();
      await stage.proxy.set({ kind: 'half-open' });
      await stage.proxy.set({ kind: 'none' });
      for (const connection of ['writer', 'reader'] as const) {
        await stage.test.database.setPassword(connection === 'writer' ? 'app_writer' : 'app_reader');
        stage.connectAs(connection, connection === 'writer' ? 'app_writer' : 'app_reader');
      }
      // As many as are answered.
      const silent = () => AppProcess.connectionsTo(stage.proxy.port) - stage.proxy.alive;
      await expect.poll(() => stage.proxy.alive).toBeGreaterThan(1);
      await expect.poll(silent).toBe(0);
    },
  );

  it('left connections half open, ends in time, with exit code 0', async () => {
    await fillPool();
    await stage.proxy.set({ kind: 'half-open' });
    expect(await stage.app.stop()).toBe(0);
  });
});
