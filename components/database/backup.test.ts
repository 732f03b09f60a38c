import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backupProvider } from '../providers/backup-provider.ts';
import { protect } from '../steps/protect.ts';
import { takeBackup } from './backup.ts';
import { type Answer, recorder, refusal, testRun } from './recorder.testing.ts';
import type { Query } from './sql.ts';

const PLACE = { destination: 's3://bucket/path?AWS_SECRET_ACCESS_KEY=sesame', passphrase: `it's "secret"` };
const OLD = '/2026/06/11-090000.00';
const NEW = '/2026/06/12-101112.00';
const TABLES = [
  { database_name: null, object_name: 'evolution', object_type: 'database', rows: null, size_bytes: null },
  {
    database_name: 'evolution',
    object_name: 'search_terms',
    object_type: 'table',
    rows: '384',
    size_bytes: '9000',
    end_time: '2026-06-12 10:11:12.123456',
  },
  {
    database_name: 'evolution',
    object_name: 'login_events',
    object_type: 'table',
    rows: '2',
    size_bytes: '100',
    end_time: '2026-06-12 10:11:12.123456',
  },
];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function outcome<T>(promise: Promise<T>): Promise<T | Error> {
  const settled = promise.catch((error: Error) => error);
  await vi.runAllTimersAsync();
  return settled;
}

/** Answers a backup that goes well, but where `special` has something else to say. */
function database(special: (query: Query) => Answer | undefined = () => undefined) {
  let started = false;
  let polls = 0;
  return recorder((query) => {
    const other = special(query);
    if (other !== undefined) return other;
    const { text } = query;
    if (text === 'SHOW DATABASES') return [{ database_name: 'evolution' }];
    if (text === 'SHOW TABLES FROM evolution') return [{ table_name: 'login_events' }];
    if (text.startsWith('SHOW BACKUPS')) return [OLD, ...(started ? [NEW] : [])].map((path) => ({ path }));
    if (text.startsWith('BACKUP')) {
      started = true;
      return [{ job_id: '987' }];
    }
    if (text.startsWith('SHOW JOB'))
      return [{ status: polls++ < 2 ? 'running' : 'succeeded', fraction_completed: '0.4', error: '' }];
    if (text.startsWith('SHOW BACKUP FROM')) return TABLES;
    return undefined;
  });
}

describe('takeBackup', () => {
  it('backs up another database when one is named, and looks for the tables of that one', async () => {
    const sql = database();
    const result = await outcome(takeBackup({ ...PLACE, database: 'orders' }, sql, testRun()));
    expect(sql.sent.map(({ text }) => text)).toContain(
      "BACKUP DATABASE orders INTO $1 AS OF SYSTEM TIME '-10s' WITH detached, encryption_passphrase = $2",
    );
    expect((result as Error).message).toContain('holds no table of the database orders');
  });

  it('starts a detached backup of the database, follows its job, and checks the files of the one that is new', async () => {
    const sql = database();
    const result = await outcome(takeBackup(PLACE, sql, testRun()));
    const { destination, passphrase } = PLACE;
    expect(sql.sent).toEqual([
      { text: 'SHOW BACKUPS IN $1', values: [destination] },
      {
        text: "BACKUP DATABASE evolution INTO $1 AS OF SYSTEM TIME '-10s' WITH detached, encryption_passphrase = $2",
        values: [destination, passphrase],
      },
      ...Array(3).fill({ text: 'SHOW JOB 987' }),
      { text: 'SHOW BACKUPS IN $1', values: [destination] },
      {
        text: 'SHOW BACKUP FROM $1 IN $2 WITH check_files, encryption_passphrase = $3',
        values: [NEW, destination, passphrase],
        seconds: 3600,
      },
    ]);
    expect(result).toEqual({
      path: NEW,
      endTime: '2026-06-12T10:11:12.123Z',
      tables: ['login_events', 'search_terms'],
      rows: 386,
      bytes: 9100,
      verified: true,
    });
  });

  it('is not encrypted without a passphrase', async () => {
    const sql = database();
    await outcome(
      takeBackup({ destination: 'nodelocal://1/backups', passphrase: undefined }, sql, testRun()),
    );
    expect(sql.texts().join()).not.toContain('passphrase');
  });

  it('waits for a database that is younger than the moment it would show', async () => {
    let tries = 0;
    const sql = database(({ text }) =>
      text.startsWith('BACKUP') && tries++ < 2
        ? refusal('3D000', 'database "evolution" does not exist')
        : undefined,
    );
    expect(await outcome(takeBackup(PLACE, sql, testRun()))).toMatchObject({ verified: true });
    expect(sql.texts().filter((text) => text.startsWith('BACKUP'))).toHaveLength(3);
  });

  it.each([
    [
      'the start is refused',
      'BACKUP ',
      refusal('42501', 'user lacks BACKUP'),
      /did not start: user lacks BACKUP/,
    ],
    [
      'it never is old enough',
      'BACKUP ',
      refusal('3D000', 'database does not exist'),
      /did not start: database does not exist/,
    ],
    [
      'the job fails',
      'SHOW JOB',
      [{ status: 'failed', error: 'no such bucket' }],
      /failed \(job 987\): no such bucket/,
    ],
    [
      'the job is paused',
      'SHOW JOB',
      [{ status: 'paused', error: '' }],
      /paused \(job 987\): no reason given/,
    ],
    [
      'a file is missing',
      'SHOW BACKUP FROM',
      refusal('58030', 'The following files are missing'),
      /files are missing/,
    ],
    ['it holds nothing', 'SHOW BACKUP FROM', TABLES.slice(0, 1), /holds no table of the database evolution/],
  ] as [string, string, Answer, RegExp][])(
    'fails with the reason when %s',
    async (_, beginning, answer, reason) => {
      const sql = database(({ text }) => (text.startsWith(beginning) ? answer : undefined));
      const error = await outcome(takeBackup(PLACE, sql, testRun()));
      expect(error).toMatchObject({ message: expect.stringMatching(reason) });
    },
  );

  it('fails when the collection does not list it', async () => {
    const sql = database(({ text }) => (text.startsWith('SHOW BACKUPS') ? [{ path: OLD }] : undefined));
    const error = await outcome(takeBackup(PLACE, sql, testRun()));
    expect(error).toMatchObject({
      message: expect.stringContaining('s3://bucket/path?... does not list it'),
    });
  });

  it('goes on when the job cannot be asked for a while', async () => {
    let asked = 0;
    const sql = database(({ text }) =>
      text.startsWith('SHOW JOB') && asked++ === 0
        ? new Error('The database took no statement for 120 s')
        : undefined,
    );
    expect(await outcome(takeBackup(PLACE, sql, testRun()))).toMatchObject({ path: NEW });
  });

  it('tells nobody the passphrase, nor the keys in the address', async () => {
    const run = testRun();
    const failing = database(({ text }) =>
      text.startsWith('SHOW JOB') ? [{ status: 'failed' }] : undefined,
    );
    const told = [
      String(await outcome(takeBackup(PLACE, failing, run))),
      ...run.said,
      ...failing.texts(),
    ].join();
    expect(told).not.toMatch(/secret|sesame/i);
  });
});

describe('the backup before an evolution', () => {
  const inputs = { address: { context: '', namespace: 'crdb' }, ...PLACE, nodes: 2, replicationFactor: 2 };
  const initialized = {
    spec: { nodes: 1 },
    status: { conditions: [{ type: 'Initialized', status: 'True' }] },
  };
  const asked = (cluster: typeof initialized | { spec: { nodes: number } } | null) => ({
    cluster: async () => cluster,
  });

  it.each([
    ['there is no cluster', asked(null), database()],
    ['the cluster never came up', asked({ spec: { nodes: 1 } }), database()],
    [
      'there is no database',
      asked(initialized),
      database(({ text }) => (text === 'SHOW DATABASES' ? [] : undefined)),
    ],
    [
      'there is no table',
      asked(initialized),
      database(({ text }) => (text.startsWith('SHOW TABLES') ? [] : undefined)),
    ],
  ])('says that there was nothing to protect when %s', async (_, kubernetes, sql) => {
    const result = await outcome(protect(inputs, sql, kubernetes, testRun()));
    expect(result).toEqual({
      taken: false,
      reason: expect.stringMatching(/^fresh start: .*nothing to protect$/),
    });
    expect(sql.texts().join()).not.toContain('BACKUP');
  });

  it('is taken, and told with its size', async () => {
    const run = testRun();
    const result = await outcome(protect(inputs, database(), asked(initialized), run));
    expect(result).toMatchObject({
      taken: true,
      reason: 'before 2 nodes with replication factor 2',
      rows: 386,
    });
    expect(run.said).toEqual([`Backup ${NEW} in s3://bucket/path?...: 386 rows of 2 tables, verified.`]);
  });

  it('stops the evolution when it cannot be taken', async () => {
    const sql = database(({ text }) =>
      text.startsWith('SHOW JOB') ? [{ status: 'failed', error: 'disk full' }] : undefined,
    );
    expect(await outcome(protect(inputs, sql, asked(initialized), testRun()))).toMatchObject({
      message: expect.stringMatching(
        /^Nothing was changed, because the state before could not be backed up\. .*disk full/,
      ),
    });
  });

  it('is due when the topology or the place changes, and not when an output or the code does', async () => {
    const state = { ...inputs, taken: true, path: OLD, rows: 1, __provider: 'old code' };
    const changed = async (news: object) => (await backupProvider.diff?.('backup', state, news))?.changes;
    expect(await changed({ ...inputs, __provider: 'new code' })).toBe(false);
    expect(await changed({ ...inputs, nodes: 3 })).toBe(true);
    expect(await changed({ ...inputs, replicationFactor: 3 })).toBe(true);
    expect(await changed({ ...inputs, destination: 'gs://other' })).toBe(true);
    expect(await changed({ ...inputs, passphrase: 'other' })).toBe(true);
  });

  it.each(['', 'backups', 'http://host/x', undefined])('refuses %j as a destination', async (destination) => {
    const checked = await backupProvider.check?.({}, { ...inputs, destination });
    expect(checked?.failures).toEqual([
      { property: 'destination', reason: expect.stringContaining('nodelocal://1/backups') },
    ]);
  });
});
