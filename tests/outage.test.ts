import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SampleApp, settings, startDatabase, type TestDatabase, value } from './support/sample-app.ts';

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

const login = () => app.post('/login', { userId: 'ada' });

describe.each(['fast', 'immediate'] as const)(
  'a database that is stopped (%s) and started under the app',
  (mode) => {
    it('gives 503 quickly while it is away, then serves again, and nothing that was acknowledged is lost', async () => {
      await app.command('start-load');
      await expect.poll(async () => (await login()).status).toBe(201);
      await expect.poll(async () => (await app.report()).witness.confirmed).toBeGreaterThan(3);

      await test.postgres.stop(mode);
      const before = performance.now();
      const ready = await app.get('/readyz');
      expect(ready.status).toBe(503);
      expect(performance.now() - before).toBeLessThan(2000);
      expect(await ready.json()).toMatchObject({ checks: { writer: { ok: false }, reader: { ok: false } } });
      const refused = await login();
      expect(refused.status).toBe(503);
      expect(await refused.json()).toMatchObject({ error: { code: 'database_unavailable' } });
      expect((await app.get('/healthz')).status).toBe(200);

      await expect
        .poll(async () => (await app.report()).witness.writes.currentGapMs, { timeout: 60_000 })
        .toBeGreaterThan(1200);

      await test.postgres.start();
      await expect.poll(async () => (await login()).status, { timeout: 60_000 }).toBe(201);
      await expect.poll(async () => (await app.get('/readyz')).status, { timeout: 60_000 }).toBe(200);
      await app.command('stop-load');

      // The next audit asks for every write that was acknowledged, before and after.
      await expect
        .poll(async () => (await app.report()).witness.unconfirmed, { timeout: 60_000 })
        .toBeLessThan(8);
      const { witness } = await app.report();
      expect(witness).toMatchObject({ lost: 0, duplicated: 0 });
      expect(witness.writes.longestGapMs).toBeGreaterThan(1200);
    }, 240_000);
  },
);

it('loses no request to a restart that is shorter than a request may take, and counts what it repeated', async () => {
  const before = (await app.report()).periods[0]?.requests.login.errors ?? 0;
  await app.command('start-spike', { seconds: 6, rps: 50, mix: { login: 1, search: 0 } });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await test.postgres.stop('fast');
  await test.postgres.start();
  await expect
    .poll(async () => (await app.command('mark', { kind: 'note', label: 'x' })).spike.running, {
      timeout: 60_000,
    })
    .toBe(false);
  const report = await app.report();
  expect((report.periods[0]?.requests.login.errors ?? 0) - before).toBe(0);
  const retries = (await app.metrics())
    .split('\n')
    .filter((l) => l.startsWith('db_retries_total{connection="writer"'));
  expect(retries.length).toBeGreaterThan(0);
}, 40_000);

it('writes nothing twice, however often a statement was repeated', async () => {
  await app.command('stop-load');
  const acknowledged = value(
    await app.metrics(),
    'http_requests_total{method="POST",route="/login",status="201"}',
  );
  // A request that failed may have been written: it was not acknowledged, so it may be there or not, once.
  const failed = value(await app.metrics(), 'http_requests_total{method="POST",route="/login",status="503"}');
  const rows = await test.database.loginEvents();
  expect(rows).toBeGreaterThanOrEqual(acknowledged);
  expect(rows).toBeLessThanOrEqual(acknowledged + failed);
});
