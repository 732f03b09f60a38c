import { afterEach, describe, expect, it, vi } from 'vitest';
import { canParse, parse } from '../../tests/support/grammar.ts';
import { settingsProvider } from '../providers/settings-provider.ts';
import { userProvider } from '../providers/user-provider.ts';
import { replicationScript } from '../replication.ts';
import { applySettings } from '../steps/settings.ts';
import { setUp } from '../steps/user.ts';
import { hasTables, takeBackup } from './backup.ts';
import { recorder, refusal, testRun } from './recorder.testing.ts';
import { copiesOf, remainingStatements } from './zones.ts';

const USER = {
  address: { context: '', namespace: 'crdb' },
  user: 'app_writer',
  password: `p'"w`,
  file: '',
  lines: '',
  statements: [],
};

afterEach(() => void vi.useRealTimers());

describe('a user', () => {
  it('gets its password as a bound value, then reads one of the app’s tables', async () => {
    const sql = recorder();
    await setUp(USER, sql, testRun());
    expect(sql.sent).toEqual([
      { text: 'ALTER USER app_writer WITH PASSWORD $1', values: [USER.password] },
      {
        text: 'SELECT 1 FROM search_terms LIMIT 1',
        database: 'evolution',
        login: { user: 'app_writer', password: USER.password },
      },
    ]);
  });

  it.each([
    ['28P01', 'password authentication failed'],
    ['42501', 'user app_writer does not have SELECT privilege on relation search_terms'],
    ['42P01', 'relation "search_terms" does not exist'],
  ])('is tried again after %s, which passes', async (code, message) => {
    let tries = 0;
    const sql = recorder(({ login }) => (login && tries++ < 1 ? refusal(code, message) : undefined));
    await setUp(USER, sql, testRun());
    expect(tries).toBe(2);
  });

  it('waits 20 s for its grants to be seen, and says so', async () => {
    vi.useFakeTimers();
    const run = testRun();
    const sql = recorder(({ login }) => (login ? refusal('42501', 'no SELECT privilege') : undefined));
    const failed = setUp(USER, sql, run).catch((error: Error) => error.message);
    await vi.advanceTimersByTimeAsync(25_000);
    expect(await failed).toBe(
      'No read access of app_writer to search_terms after 20 s. Seen last: no SELECT privilege (42501). Look at: SHOW GRANTS FOR app_writer; then run the same command again.',
    );
    expect(run.said[0]).toBe(
      'Waiting for read access of app_writer to search_terms, 4 s: no SELECT privilege (42501)',
    );
  });

  it('is not tried again after what does not pass', async () => {
    const sql = recorder(({ login }) => (login ? refusal('28000', 'may not log in') : undefined));
    await expect(setUp(USER, sql, testRun())).rejects.toThrow('cannot log in with it: may not log in');
    expect(sql.sent).toHaveLength(2);
  });

  it.each(['app writer', 'x; DROP', 'App', '', '"x"'])('cannot be named %j', async (user) => {
    expect((await userProvider.check?.({}, { ...USER, user }))?.failures).toHaveLength(1);
  });

  it('changes with its password or its statements, and not with the code', async () => {
    const changed = async (news: object) =>
      (await userProvider.diff?.('x', USER, { ...USER, ...news }))?.changes;
    expect(await changed({ lines: '7', __provider: 'new' })).toBe(false);
    expect(await changed({ password: 'other' })).toBe(true);
    expect(await changed({ statements: ['GRANT CONNECT ON DATABASE evolution TO app_writer'] })).toBe(true);
  });
});

describe('a cluster setting', () => {
  it('gets its value bound, and the order that it was given', async () => {
    const sql = recorder();
    await applySettings(sql, { 'cluster.organization': 'Example', 'enterprise.license': 'crl-0-x' });
    expect(sql.sent).toEqual([
      { text: 'SET CLUSTER SETTING cluster.organization = $1', values: ['Example'] },
      { text: 'SET CLUSTER SETTING enterprise.license = $1', values: ['crl-0-x'] },
    ]);
  });

  it('is named when it is refused', async () => {
    const sql = recorder(() => refusal('22023', 'invalid license string'));
    await expect(applySettings(sql, { 'enterprise.license': 'x' })).rejects.toThrow(
      'The cluster setting enterprise.license was refused: invalid license string',
    );
  });

  it.each(['version', 'a.b; DROP', 'a.B', 'a."b"'])('cannot be named %j', async (name) => {
    const checked = await settingsProvider.check?.({}, { address: USER.address, settings: { [name]: 'x' } });
    expect(checked?.failures).toHaveLength(1);
  });
});

describe('every statement that the providers make', () => {
  it.skipIf(!canParse("the providers' SQL"))(
    "parses under CockroachDB's grammar",
    { timeout: 120_000 },
    async () => {
      const sql = recorder(({ text }) => {
        if (text === 'SHOW DATABASES') return [{ database_name: 'evolution' }];
        if (text.startsWith('BACKUP')) return [{ job_id: '1' }];
        if (text.startsWith('SHOW JOB')) return [{ status: 'succeeded' }];
        if (text.startsWith('SHOW BACKUP FROM'))
          return [{ object_type: 'table', database_name: 'evolution' }];
        if (text.startsWith('SHOW BACKUPS')) return [{ path: `/${sql.sent.length}` }];
        return undefined;
      });
      for (const passphrase of ['x', undefined])
        await takeBackup({ destination: 'nodelocal://1/x', passphrase }, sql, testRun());
      await hasTables(sql);
      await setUp(USER, sql, testRun());
      await applySettings(sql, { 'cluster.organization': 'x', 'enterprise.license': 'x' });
      const zones = [
        'INDEX evolution.public.t@"an index"',
        'PARTITION p OF TABLE t',
        'DATABASE "x y"',
        'TABLE system.public.jobs',
      ].map((target) => ({
        target,
        raw_config_sql: `ALTER ${target} CONFIGURE ZONE USING\n\tnum_replicas = 5`,
      }));
      const texts = [
        ...sql.texts(),
        ...[5, 7].flatMap((factor) => replicationScript(factor).statements),
        ...remainingStatements(zones, copiesOf(2)),
        'SHOW ALL ZONE CONFIGURATIONS',
        'SHOW CLUSTER RANGES',
      ];
      expect(texts.length).toBeGreaterThan(25);
      expect(await parse(texts)).toBe(`${texts.length} parsed, 0 not\n`);
    },
  );
});
