import { execFileSync } from 'node:child_process';
import { chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SampleApp, settings, startDatabase, type TestDatabase } from './support/sample-app.ts';

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version']);
    return true;
  } catch {
    console.warn('SKIPPED: tests/tls.test.ts needs the openssl command, which is not here.');
    return false;
  }
})();

describe.skipIf(!hasOpenssl)('a connection with sslmode=verify-full', () => {
  let test: TestDatabase;
  let app: SampleApp | undefined;
  const file = (name: string) => join(test.directory, name);
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: test.directory, stdio: 'pipe' });

  /** A CA, and a certificate by it for `name` only. */
  function certificates(ca: string, name: string): void {
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${ca}`,
      '-keyout',
      `${ca}.key`,
      '-out',
      `${ca}.crt`,
    );
    openssl(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=node',
      '-keyout',
      'node.key',
      '-out',
      'node.csr',
    );
    writeFileSync(file('extensions'), `subjectAltName=DNS:${name}`);
    openssl(
      'x509',
      '-req',
      '-in',
      'node.csr',
      '-days',
      '2',
      '-CA',
      `${ca}.crt`,
      '-CAkey',
      `${ca}.key`,
      '-CAcreateserial',
      '-extfile',
      'extensions',
      '-out',
      'node.crt',
    );
  }

  beforeAll(async () => {
    test = await startDatabase();
    certificates('foreign', 'localhost');
    certificates('ours', 'localhost');
    const data = statSync(join(test.directory, 'postgres', 'data'));
    for (const name of ['node.key', 'node.crt']) {
      const path = join(test.directory, 'postgres', 'data', name);
      writeFileSync(path, readFileSync(file(name)), { mode: 0o600 });
      chownSync(path, data.uid, data.gid);
    }
    const admin = await test.postgres.connect('postgres');
    for (const [setting, value] of Object.entries({
      ssl_cert_file: 'node.crt',
      ssl_key_file: 'node.key',
      ssl: 'on',
    })) {
      await admin.query(`ALTER SYSTEM SET ${setting} = '${value}'`);
    }
    await admin.end();
    await test.postgres.stop();
    await test.postgres.start();
  });
  afterEach(async () => {
    await app?.stop();
    app = undefined;
  });
  afterAll(() => test?.remove());

  /** What `/readyz` says of the writer that connects to `host`, which is always this machine, with `ca`. */
  async function writer(host: string, ca: string): Promise<{ ok: boolean; detail: string }> {
    const url = new URL(readFileSync(test.database.urlFile('writer'), 'utf8').trim());
    url.hostname = host;
    url.search = new URLSearchParams({ sslmode: 'verify-full', sslrootcert: file(ca) }).toString();
    const { APP_DB_WRITER_URL_FILE: _, ...environment } = settings(test, { APP_DB_WRITER_URL: url.href });
    app = await SampleApp.start(environment);
    const { checks } = (await (await app.get('/readyz')).json()) as {
      checks: { writer: { ok: boolean; detail: string } };
    };
    return checks.writer;
  }

  it('works when the certificate is by the CA and for the name', async () => {
    expect(await writer('localhost', 'ours.crt')).toEqual({ ok: true, detail: 'answers as app_writer' });
    expect((await (app as SampleApp).post('/login', { userId: 'ada' })).status).toBe(201);
  });

  it('is refused when the certificate is not for the name', async () => {
    expect(await writer('127.0.0.1', 'ours.crt')).toEqual({
      ok: false,
      detail: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
    });
  });

  it('is refused when the certificate is by another CA', async () => {
    expect(await writer('localhost', 'foreign.crt')).toEqual({
      ok: false,
      detail: expect.stringMatching(/SELF_SIGNED|UNABLE_TO_VERIFY|CERT_SIGNATURE/),
    });
  });
});
