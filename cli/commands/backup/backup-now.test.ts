import { describe, expect, it } from 'vitest';
import { recorder, refusal, testRun } from '../../../components/database/recorder.testing.ts';
import { backupNow } from './backup-now.ts';

const PLACE = { destination: 's3://bucket/x?AWS_SECRET_ACCESS_KEY=hidden', passphrase: 'open sesame' };
const TABLE = {
  object_type: 'table',
  database_name: 'evolution',
  object_name: 't',
  rows: '7',
  size_bytes: '100',
  end_time: '2026-06-12 10:11:12',
};

/** A database with a table in it, whose backups work unless `answers` says else. */
function database(answers: (text: string) => Error | Record<string, string>[] | undefined = () => undefined) {
  let made = false;
  return recorder(({ text }) => {
    const given = answers(text);
    if (given !== undefined) return given;
    if (text === 'SHOW DATABASES') return [{ database_name: 'evolution' }];
    if (text.startsWith('SHOW TABLES')) return [{ table_name: 't' }];
    if (text.startsWith('SHOW BACKUPS')) return made ? [{ path: '/new' }] : [];
    if (text.startsWith('BACKUP')) {
      made = true;
      return [{ job_id: '1' }];
    }
    if (text.startsWith('SHOW JOB')) return [{ status: 'succeeded' }];
    return text.startsWith('SHOW BACKUP FROM') ? [TABLE] : undefined;
  });
}

describe('a backup on demand', () => {
  it('is taken, and its files are checked', async () => {
    const sql = database();
    expect(await backupNow(PLACE, sql, testRun())).toMatchObject({
      path: '/new',
      endTime: '2026-06-12T10:11:12.000Z',
      rows: 7,
      bytes: 100,
      verified: true,
    });
    expect(sql.texts().at(-1)).toBe('SHOW BACKUP FROM $1 IN $2 WITH check_files, encryption_passphrase = $3');
  });

  it('is refused when there is nothing to back up, before anything is sent to the place', async () => {
    const sql = database((text) => (text === 'SHOW DATABASES' ? [] : undefined));
    await expect(backupNow(PLACE, sql, testRun())).rejects.toMatchObject({ code: 'EVO-711' });
    expect(sql.texts()).toEqual(['SHOW DATABASES']);
  });

  it('that failed says why and what next, and no secret', async () => {
    const sql = database((text) =>
      text.startsWith('BACKUP') ? refusal('XXUUU', 'AccessDenied') : undefined,
    );
    const failure = await backupNow(PLACE, sql, testRun()).catch((error) => error);
    expect(failure).toMatchObject({ code: 'EVO-712', exitCode: 1 });
    expect(failure.message).toContain('AccessDenied');
    expect(JSON.stringify(failure) + failure.message).not.toMatch(/hidden|sesame/);
  });

  it('whose files are not all there is no backup', async () => {
    const sql = database((text) =>
      text.startsWith('SHOW BACKUP FROM') ? refusal('58030', 'missing files') : undefined,
    );
    await expect(backupNow(PLACE, sql, testRun())).rejects.toMatchObject({ code: 'EVO-712' });
  });
});
