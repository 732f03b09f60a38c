import { afterEach, describe, expect, it } from 'vitest';
import { CATALOGUE, CliError, cliError, errorLines, withDatabaseErrors, withoutSecrets } from './errors.ts';

describe('the catalogue of errors', () => {
  it('gives every error a code of its own form, a cause and a next step', () => {
    for (const [code, { cause, next }] of Object.entries(CATALOGUE)) {
      expect(code).toMatch(/^EVO-[1-9]\d\d$/);
      expect(cause.length, code).toBeGreaterThan(10);
      expect(next.length, code).toBeGreaterThan(0);
      expect(cause.endsWith('.'), `${code}: its point is set when it is shown`).toBe(false);
    }
  });

  it('fills in what happened', () => {
    const lines = errorLines(
      cliError('EVO-202', { target: 'phase2', missing: 'phase1', at: 'phase0', command: 'evolve' }),
    );
    expect(lines[0]).toBe(
      'EVO-202: phase2 skips phase1: the cluster is at phase0. Each phase is a step that an audience can follow.',
    );
    expect(lines[1]).toContain('npm run evolve -- phase1');
  });
});

describe('secrets', () => {
  const before = process.env.PULUMI_CONFIG_PASSPHRASE;
  afterEach(() => {
    if (before === undefined) delete process.env.PULUMI_CONFIG_PASSPHRASE;
    else process.env.PULUMI_CONFIG_PASSPHRASE = before;
  });

  it('are cut out of what is printed', () => {
    process.env.PULUMI_CONFIG_PASSPHRASE = 'correct horse';
    const text = withoutSecrets(
      'postgresql://app:pw1@host/db s3://b/p?AWS_ACCESS_KEY_ID=id&AWS_SECRET_ACCESS_KEY=pw2&x=1 gs://b?CREDENTIALS=pw3 correct horse',
    );
    expect(text).not.toMatch(/pw1|pw2|pw3|correct horse/);
    expect(text).toContain('postgresql://app:[secret]@host/db');
    expect(text).toContain('&x=1');
  });

  it('do not get into an error by what is filled in', () => {
    const { message } = cliError('EVO-302', {
      problem: 'cannot connect to postgresql://root:hunter2@crdb:26257',
    });
    expect(message).not.toContain('hunter2');
  });
});

describe('what the database or a wait reports', () => {
  const running = new AbortController().signal;
  const outcome = (signal: AbortSignal, error: Error) =>
    withDatabaseErrors(signal, () => Promise.reject(error)).catch((thrown) => thrown);

  it('is an error with a code, and a bug stays a bug', async () => {
    const reported = await outcome(running, new Error('No 2 live nodes after 120 s.'));
    expect(reported).toBeInstanceOf(CliError);
    expect(reported).toMatchObject({
      code: 'EVO-931',
      message: 'The database failed: No 2 live nodes after 120 s',
    });
    const bug = new TypeError('x is not a function');
    expect(await outcome(running, bug)).toBe(bug);
    const own = cliError('EVO-945', {});
    expect(await outcome(running, own)).toBe(own);
    expect(await withDatabaseErrors(running, async () => 7)).toBe(7);
  });

  it('is the reason of the abort after an abort', async () => {
    const reason = cliError('EVO-945', {});
    expect(await outcome(AbortSignal.abort(reason), new Error('The operation was aborted'))).toBe(reason);
  });
});
