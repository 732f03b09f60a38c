import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FollowerReads } from './support/follower-reads.ts';
import { SampleApp, settings, startDatabase, type TestDatabase } from './support/sample-app.ts';

let test: TestDatabase;
let relay: FollowerReads;
let app: SampleApp;

beforeAll(async () => {
  test = await startDatabase();
  relay = await FollowerReads.start(test.postgres.port);
  test.database.writeUrl('reader', 'app_reader');
  const url = new URL(readFileSync(test.database.urlFile('reader'), 'utf8').trim());
  url.port = String(relay.port);
  // One connection, so that whatever goes back to the pool is what the next request gets.
  app = await SampleApp.start(
    settings(test, { APP_DB_READER_URL_FILE: '', APP_DB_READER_URL: url.href, APP_POOL_SIZE: '1' }),
  );
});
afterAll(async () => {
  await app?.stop();
  relay?.close();
  await test?.remove();
});

const readOnlyUser = async () => {
  const { checks } = (await (await app.get('/readyz')).json()) as {
    checks: { readOnlyUser: { ok: boolean; detail: string } };
  };
  return checks.readOnlyUser;
};

it('finds that the reader cannot write, where its sessions begin with follower reads', async () => {
  await expect.poll(readOnlyUser).toEqual({ ok: true, detail: 'app_reader cannot write (42501)' });
});

it('gives no request the session in which it turned follower reads off', async () => {
  await expect.poll(readOnlyUser).toMatchObject({ ok: true });
  for (const _ of [1, 2, 3]) expect((await app.get('/search?q=a')).status).toBe(200);
  const tried = relay.sessions.filter((session) => session.includes('BEGIN READ WRITE'));
  expect(tried.length).toBeGreaterThan(0);
  for (const session of tried) expect(session.at(-1)).toBe('ROLLBACK');
});
