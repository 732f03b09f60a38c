import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Answer, recorder, refusal, testRun } from '../../../components/database/recorder.testing.ts';
import type { Query } from '../../../components/database/sql.ts';
import { canParse, parse } from '../../../tests/support/grammar.ts';
import { REPLICATION } from '../../lib/cluster/replication.ts';
import { restoreCheck } from './restore-check.ts';
import { cancelJob } from './statements.ts';

const PLACE = { destination: 'nodelocal://1/backups' };
const COPY = /^restore_check_\d{14}$/;

/**
 * A CockroachDB with the tables t (2 rows) and order (3 rows) in `evolution`, and a backup of them. It keeps what databases there are, so
 * that a test sees what is left.
 */
function cluster(answers: (query: Query) => Answer | undefined = () => undefined) {
  const databases = ['defaultdb', 'evolution', 'restore_check_20200101000000'];
  let status = 'running';
  const sql = recorder((query) => {
    const given = answers(query);
    if (given !== undefined) return given;
    const { text } = query;
    if (text.startsWith('SHOW BACKUPS')) return [{ path: '/1' }, { path: '/2' }];
    if (text.startsWith('SHOW BACKUP FROM'))
      return [
        { object_type: 'database', database_name: null, object_name: 'evolution' },
        table('t', '2'),
        table('order', '3'),
      ];
    if (text === 'SHOW DATABASES') return databases.map((database_name) => ({ database_name }));
    if (text.startsWith('RESTORE')) {
      databases.push(/new_db_name = '(\w+)'/.exec(text)?.[1] ?? '');
      return [{ job_id: '42' }];
    }
    if (text === 'SHOW JOB 42') {
      const now = status;
      status = 'succeeded';
      return [{ status: now, fraction_completed: '0.5' }];
    }
    if (text === 'CANCEL JOB 42') return [];
    if (text.startsWith('SHOW TABLES FROM')) return [{ table_name: 't' }, { table_name: 'order' }];
    if (text.startsWith('SELECT count')) return [{ count: text.endsWith('"t"') ? '2' : '3' }];
    if (text.includes('FINGERPRINTS')) return [{ index_name: 't_pkey', fingerprint: '77' }];
    if (text.startsWith('DROP DATABASE')) {
      databases.splice(databases.indexOf(/"(\w+)"/.exec(text)?.[1] ?? ''), 1);
      return [];
    }
    throw new Error(`not expected: ${text}`);
  });
  const run = testRun();
  const check = (options = {}, place: { destination: string; passphrase?: string } = PLACE) =>
    restoreCheck(
      place,
      options,
      sql,
      run,
      (work) => work(sql, testRun()),
      (statement) => `sql ${statement}`,
    );
  return { sql, run, check, databases };
}

function table(object_name: string, rows: string) {
  return {
    object_type: 'table',
    database_name: 'evolution',
    object_name,
    rows,
    end_time: '2026-06-12 10:11:12.123456+00',
  };
}

const drops = (texts: string[]) => texts.filter((text) => text.startsWith('DROP'));

describe('a restore check', () => {
  it('restores the newest backup into its own database, compares, and removes that database and no other', async () => {
    const { sql, check, databases } = cluster();
    const result = await check();
    expect(result).toMatchObject({ ok: true, path: '/2', removed: true, reason: null, unexpected: [] });
    expect(result.tables).toEqual([
      { table: 't', rowsInBackup: 2, rowsRestored: 2, content: 'same' },
      { table: 'order', rowsInBackup: 3, rowsRestored: 3, content: 'same' },
    ]);
    expect(result.database).toMatch(COPY);
    expect(drops(sql.texts())).toEqual([`DROP DATABASE "${result.database}" CASCADE`]);
    expect(databases).toEqual(['defaultdb', 'evolution', 'restore_check_20200101000000']);
    const restore = sql.sent.find(({ text }) => text.startsWith('RESTORE'));
    expect(restore?.values).toEqual(['/2', 'nodelocal://1/backups']);
  });

  it('compares contents with the live table at the very moment that the backup shows', async () => {
    const { sql, check } = cluster();
    const { database } = await check();
    const live = sql.texts().filter((text) => /FINGERPRINTS.*"t"/.test(text));
    expect(live).toEqual([
      `SELECT index_name, fingerprint FROM [SHOW EXPERIMENTAL_FINGERPRINTS FROM TABLE "${database}".public."t"]`,
      `SELECT index_name, fingerprint FROM [SHOW EXPERIMENTAL_FINGERPRINTS FROM TABLE "evolution".public."t"] AS OF SYSTEM TIME '2026-06-12 10:11:12.123456'`,
    ]);
  });

  it.each<[string, (query: Query) => Answer | undefined, object]>([
    [
      'too few rows',
      ({ text }) => (text.startsWith('SELECT count') ? [{ count: '1' }] : undefined),
      { rowsRestored: 1 },
    ],
    [
      'other contents',
      ({ text }) => (text.includes('AS OF') ? [{ index_name: 't_pkey', fingerprint: '78' }] : undefined),
      { content: 'different' },
    ],
    [
      'an index less',
      ({ text }) =>
        text.includes('AS OF')
          ? [
              { index_name: 't_pkey', fingerprint: '77' },
              { index_name: 't_i', fingerprint: '9' },
            ]
          : undefined,
      { content: 'different' },
    ],
    [
      'a table less',
      ({ text }) => (text.startsWith('SHOW TABLES') ? [{ table_name: 'order' }] : undefined),
      { rowsRestored: null, content: 'not compared' },
    ],
  ])('finds %s, and removes its database all the same', async (_, answers, expected) => {
    const { check, databases } = cluster(answers);
    const result = await check();
    expect(result.ok).toBe(false);
    expect(result.tables[0]).toMatchObject(expected);
    expect(databases).toHaveLength(3);
  });

  it('finds a table too many', async () => {
    const more = [{ table_name: 't' }, { table_name: 'order' }, { table_name: 'x' }];
    const { check } = cluster(({ text }) => (text.startsWith('SHOW TABLES') ? more : undefined));
    expect(await check()).toMatchObject({ ok: false, unexpected: ['x'] });
  });

  it('says why contents could not be compared, and still compares rows', async () => {
    const gone = refusal('XXUUU', 'batch timestamp must be after replica GC threshold');
    const { check } = cluster(({ text }) => (text.includes('AS OF') ? gone : undefined));
    expect(await check()).toMatchObject({
      ok: true,
      reason: 'evolution.t: batch timestamp must be after replica GC threshold',
      tables: [
        { content: 'not compared', rowsRestored: 2 },
        { content: 'not compared', rowsRestored: 3 },
      ],
    });
  });

  it('takes another backup when one is named, and refuses one that is not there before it restores anything', async () => {
    const old = cluster();
    expect((await old.check({ path: '/1' })).path).toBe('/1');
    const none = cluster();
    await expect(none.check({ path: '/none' })).rejects.toMatchObject({
      code: 'EVO-722',
      next: 'npm run restore-check -- --path /2',
    });
    expect(none.sql.texts()).toEqual(['SHOW BACKUPS IN $1']);
    const empty = cluster(({ text }) => (text.startsWith('SHOW BACKUPS') ? [] : undefined));
    await expect(empty.check()).rejects.toMatchObject({ code: 'EVO-721' });
  });

  it('keeps the database when asked to', async () => {
    const { check, databases, sql } = cluster();
    const { database, removed } = await check({ keep: true });
    expect(removed).toBe(false);
    expect(databases).toContain(database);
    expect(drops(sql.texts())).toEqual([]);
  });

  it('removes nothing when the restore was refused: it made nothing', async () => {
    const { check, sql } = cluster(({ text }) =>
      text.startsWith('RESTORE') ? refusal('58030', 'no such file') : undefined,
    );
    await expect(check()).rejects.toMatchObject({ code: 'EVO-723' });
    expect(drops(sql.texts())).toEqual([]);
  });

  it('that is cancelled while it restores ends the job and removes what it left', async () => {
    const made = cluster(({ text }) => {
      if (text !== 'SHOW JOB 42' || made.run.signal.aborted) return undefined;
      made.run.cancel('Cancelled (SIGINT)');
      return [{ status: 'running' }];
    });
    await expect(made.check()).rejects.toThrow('Cancelled (SIGINT)');
    expect(made.sql.texts()).toContain('CANCEL JOB 42');
    expect(made.databases).toHaveLength(3);
  });

  it('gives a table of hundreds of GB the time that it takes to be read, and says that it waits', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let counted: () => void = () => {};
    const { sql, check, run } = cluster();
    const query = sql.query.bind(sql);
    sql.query = async (asked) => {
      const rows = await query(asked);
      // The first table takes an hour and a half.
      if (asked.text.startsWith('SELECT count') && asked.text.endsWith('"t"'))
        await new Promise<void>((resolve) => {
          counted = resolve;
        });
      return rows;
    };
    const checked = check();
    await vi.advanceTimersByTimeAsync(5_400_000);
    expect(
      run.said.filter((line) => /^Waiting for the rows of restore_check_\d+\.t, \d+ s\.$/.test(line)),
    ).toHaveLength(179);
    counted();
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await checked).ok).toBe(true);
    for (const { text, seconds = 60 } of sql.sent)
      if (/^SELECT (count|index_name)/.test(text)) expect(seconds).toBeGreaterThanOrEqual(4 * 3600);
  });

  it('gives the command when it cannot remove its database', async () => {
    const { check } = cluster(({ text }) => (text.startsWith('DROP') ? refusal('XX000', 'no') : undefined));
    const failure = await check().catch((error) => error);
    expect(failure).toMatchObject({ code: 'EVO-724' });
    expect(failure.next).toMatch(/^sql DROP DATABASE "restore_check_\d+" CASCADE$/);
  });
});

describe('every statement of a look and of a check', () => {
  it.skipIf(!canParse('the SQL of the checks'))(
    "parses under CockroachDB's grammar",
    { timeout: 120_000 },
    async () => {
      const plain = cluster();
      await plain.check();
      const encrypted = cluster();
      await encrypted.check({}, { ...PLACE, passphrase: 'x' });
      const sent = [...new Set([...plain.sql.texts(), ...encrypted.sql.texts()])];
      expect(sent.length).toBeGreaterThan(14);
      // The published grammar leaves this one statement out, though it lists its word. What stands around it is parsed.
      const known = sent.map((text) =>
        text.replace(/SHOW EXPERIMENTAL_FINGERPRINTS FROM TABLE/, 'SHOW COLUMNS FROM'),
      );
      const texts = [...known, cancelJob('42').text, REPLICATION.zones, REPLICATION.ranges, 'SHOW USERS'];
      expect(await parse(texts)).toBe(`${texts.length} parsed, 0 not\n`);
    },
  );
});
