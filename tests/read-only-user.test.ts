import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStatements } from '../sql/statements.ts';
import { FollowerReads } from './support/follower-reads.ts';
import { SampleApp, settings, startDatabase, type TestDatabase } from './support/sample-app.ts';
import { hasStandIn, StandIn, saySkipped } from './support/stand-in.ts';

const REFUSED = { ok: true, detail: 'app_reader cannot write (42501)' };

const readOnlyUser = async (app: SampleApp) => {
  const { checks } = (await (await app.get('/readyz')).json()) as {
    checks: { readOnlyUser: { ok: boolean; detail: string } };
  };
  return checks.readOnlyUser;
};

describe('a reader whose sessions begin with follower reads', () => {
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

  it('is found unable to write', async () => {
    await expect.poll(() => readOnlyUser(app)).toEqual(REFUSED);
  });

  it('serves no request in the session where follower reads were turned off', async () => {
    await expect.poll(() => readOnlyUser(app)).toEqual(REFUSED);
    for (const _ of [1, 2, 3]) expect((await app.get('/search?q=a')).status).toBe(200);
    const tried = relay.sessions.filter((session) => session.includes('BEGIN READ WRITE'));
    expect(tried.length).toBeGreaterThan(0);
    for (const session of tried) expect(session.at(-1)).toBe('ROLLBACK');
  });
});

saySkipped('whether the app finds that the reader cannot write');
describe.skipIf(!hasStandIn)('on a stand-in for CockroachDB, not on CockroachDB', () => {
  let standIn: StandIn;
  let app: SampleApp;

  beforeAll(async () => {
    standIn = await StandIn.start();
    const statements = ['00-bootstrap.sql', '10-phase1-reader-user.sql'].flatMap(readStatements);
    await standIn.run(
      ...statements.map(({ text }) => text),
      `ALTER USER app_writer WITH PASSWORD 'w'`,
      `ALTER USER app_reader WITH PASSWORD 'r'`,
    );
    app = await SampleApp.start({
      APP_HOST: '127.0.0.1',
      APP_PORT: '0',
      APP_DB_WRITER_URL: standIn.url('app_writer', 'w'),
      APP_DB_READER_URL: standIn.url('app_reader', 'r'),
      APP_LOG_LEVEL: 'silent',
    });
  });
  afterAll(async () => {
    await app?.stop();
    await standIn?.stop();
  });

  it('the app finds that the reader of phase 1 cannot write', async () => {
    await expect.poll(() => readOnlyUser(app)).toEqual(REFUSED);
    expect((await app.get('/readyz')).status).toBe(200);
    expect((await app.get('/search?q=a')).status).toBe(200);
  });
});
