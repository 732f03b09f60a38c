import { afterAll, beforeAll, expect, it } from 'vitest';
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

it('moves the reads to new credentials under 60 requests a second without failing one, back and forth', async () => {
  await app.command('start-spike', { seconds: 8, rps: 60, mix: { login: 0.2, search: 0.8 } });
  for (const user of ['app_reader', 'app_writer', 'app_reader']) {
    test.database.writeUrl('reader', user);
    const name = user === 'app_reader' ? 'app_reader cannot write (42501)' : 'not checked';
    await expect.poll(async () => (await app.get('/readyz')).text(), { timeout: 60_000 }).toContain(name);
  }
  await expect
    .poll(async () => (await app.report()).periods.at(-1)?.spikes.length, { timeout: 60_000 })
    .toBe(1);
  const [spike] = (await app.report()).periods.at(-1)?.spikes ?? [];
  expect(spike).toMatchObject({ sent: 480, failed: 0, targetRps: 60 });
  const report = await app.report();
  expect(report.periods[0]?.requests.search.errors).toBe(0);
  expect(report.witness).toMatchObject({ lost: 0, stale: 0, reads: { failed: 0 }, writes: { failed: 0 } });
  await expect.poll(() => test.database.connectionsOf('app_reader')).toBeGreaterThan(0);
});

it('stays on the old credentials while the new ones do not work, says so, and moves when they do', async () => {
  const { postgres, database } = test;
  const { writeFileSync } = await import('node:fs');
  writeFileSync(database.urlFile('reader'), postgres.url('evolution', 'app_writer', 'wrong-password'));
  await expect
    .poll(async () => (await app.get('/readyz')).text(), { timeout: 60_000 })
    .toContain('new credentials do not work: 28P01');
  expect((await app.get('/search?q=a')).status).toBe(200);
  writeFileSync(database.urlFile('reader'), 'half a fi');
  await expect
    .poll(async () => (await app.get('/readyz')).text(), { timeout: 60_000 })
    .toContain('not a URL');
  expect((await app.get('/search?q=a')).status).toBe(200);
  database.writeUrl('reader', 'app_writer');
  await expect
    .poll(async () => (await app.get('/readyz')).text(), { timeout: 60_000 })
    .not.toContain('do not work');
  expect(value(await app.metrics(), 'witness_lost_writes')).toBe(0);
});

it.each([
  ['42501', 'REVOKE SELECT ON search_terms FROM app_reader', 'GRANT SELECT ON search_terms TO app_reader'],
  [
    '42P01',
    'ALTER ROLE app_reader IN DATABASE evolution SET search_path = nowhere',
    'ALTER ROLE app_reader IN DATABASE evolution RESET search_path',
  ],
])(
  'stays on the old credentials while those of a user meet %s, and fails no search',
  async (code, take, give) => {
    const { postgres, database } = test;
    const admin = await postgres.connect('evolution');
    const ready = async () => (await app.get('/readyz')).text();
    try {
      await admin.query(take);
      database.writeUrl('reader', 'app_reader');
      await expect
        .poll(ready)
        .toContain(`app_writer; waiting until the grants of the new credentials take effect (${code})`);
      expect((await app.get('/search?q=a')).status).toBe(200);
      await admin.query(give);
      await expect.poll(ready).toContain('app_reader cannot write (42501)');
      expect((await app.get('/search?q=a')).status).toBe(200);
    } finally {
      await admin.query(give);
      await admin.end();
      database.writeUrl('reader', 'app_writer');
      await expect.poll(ready).toContain('not checked');
    }
  },
);
