import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startOtlp } from './support/otlp.ts';
import { settings, startDatabase, type TestDatabase } from './support/sample-app.ts';

const MAIN = join(__dirname, '../app/src/main.ts');

let test: TestDatabase;
beforeAll(async () => {
  test = await startDatabase();
});
afterAll(() => test?.remove());

class AppProcess {
  readonly child: ChildProcess;
  output = '';

  constructor(environment: Record<string, string>) {
    this.child = spawn(process.execPath, ['--import', 'tsx', MAIN], {
      env: { PATH: process.env.PATH ?? '', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk) => (this.output += chunk));
  }

  async url(): Promise<string> {
    await expect.poll(() => this.output, { timeout: 60_000 }).toContain('"listening"');
    return `http://127.0.0.1:${/"port":(\d+)/.exec(this.output)?.[1]}`;
  }

  async exit(): Promise<number | null> {
    if (this.child.exitCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }
}

describe('the app as a process', () => {
  let app: AppProcess;
  afterEach(async () => {
    app.child.kill('SIGKILL');
    await app.exit();
  });

  it('finishes what it is answering when it is told to stop, takes no more, and exits with 0', async () => {
    app = new AppProcess(settings(test, { APP_LOG_LEVEL: 'info' }));
    const url = await app.url();
    const body = JSON.stringify({ userId: 'ada' });
    const login = () =>
      fetch(`${url}/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    await login();
    const underWay = Array.from({ length: 20 }, login);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const asked = performance.now();
    app.child.kill('SIGTERM');
    const answered = await Promise.allSettled(underWay);
    expect(await app.exit()).toBe(0);
    expect(performance.now() - asked).toBeLessThan(10_000);
    for (const result of answered) {
      if (result.status === 'fulfilled') expect([201, 503]).toContain(result.value.status);
    }
    expect(answered.filter((r) => r.status === 'fulfilled' && r.value.status === 201).length).toBeGreaterThan(
      0,
    );
    await expect(login()).rejects.toThrow();
  });

  it('also ends in time with a page open, a spike running and the database gone', async () => {
    const own = await startDatabase();
    try {
      app = new AppProcess(settings(own, { APP_LOG_LEVEL: 'info' }));
      const url = await app.url();
      const socket = new WebSocket(`${url.replace('http', 'ws')}/hub`);
      await once(socket, 'open');
      await fetch(`${url}/spike`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"seconds":60,"rps":50}',
      });
      await own.postgres.stop('immediate');
      const asked = performance.now();
      app.child.kill('SIGTERM');
      expect(await app.exit()).toBe(0);
      expect(performance.now() - asked).toBeLessThan(10_000);
    } finally {
      await own.remove();
    }
  });

  it('writes no password and no token into its log, whatever happens', async () => {
    const password = new URL(readUrl(test.database.urlFile('writer'))).password;
    app = new AppProcess(settings(test, { APP_LOG_LEVEL: 'trace', APP_CONTROL_TOKEN: 'the-control-token' }));
    const url = await app.url();
    await fetch(`${url}/commands/start-load`, {
      method: 'POST',
      headers: { authorization: 'Bearer the-control-token' },
    });
    await fetch(`${url}/search?q=a`);
    app.child.kill('SIGTERM');
    await app.exit();
    expect(app.output).not.toContain(password);
    expect(app.output).not.toContain('the-control-token');
  });

  it.each([
    { PGOPTIONS: '-c default_transaction_read_only=on' },
    { PGSSLNEGOTIATION: 'direct' },
    { PGREPLICATION: 'database' },
    {
      ...{ PGUSER: 'postgres', PGPASSWORD: 'other', PGHOST: '192.0.2.1', PGPORT: '1', PGDATABASE: 'other' },
      ...{ PGSSLMODE: 'require', PGSSLROOTCERT: '/nowhere', PGPASSFILE: '/nowhere', PGSERVICE: 'other' },
      ...{ PGAPPNAME: 'psql', PGCLIENT_ENCODING: 'LATIN1', PGBINARY: '1', PGTZ: 'Asia/Tokyo' },
    },
    { NODE_PG_FORCE_NATIVE: '1' },
  ])('connects by its URLs alone, whatever the shell has for psql: %j', async (variables) => {
    app = new AppProcess(settings(test, { ...variables, APP_LOG_LEVEL: 'info' }));
    const url = await app.url();
    const login = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"userId":"é"}' };
    expect((await fetch(`${url}/login`, login)).status).toBe(201);
    expect((await fetch(`${url}/search?q=a`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const client = await test.postgres.connect('evolution');
    const sessions = await client.query<{ usename: string; application_name: string; encoding: string }>(
      "SELECT DISTINCT usename, application_name FROM pg_stat_activity WHERE usename LIKE 'app!_%' ESCAPE '!'",
    );
    const stored = await client.query<{ user_id: string }>('SELECT DISTINCT user_id FROM login_events');
    await client.end();
    expect(sessions.rows).toEqual([{ usename: 'app_writer', application_name: 'sample-app' }]);
    expect(stored.rows.map((row) => row.user_id)).toContain('é');
  });

  it('says in plain words what is wrong with its settings, and exits with 1', async () => {
    app = new AppProcess({ APP_DB_WRITER_URL: 'postgresql://u:p4ssw0rd@db/d', APP_PORT: 'eighty' });
    expect(await app.exit()).toBe(1);
    expect(app.output).toContain('APP_PORT');
    expect(app.output).toContain('sslmode=verify-full');
    expect(app.output).toContain('APP_DB_READER_URL: not set');
    expect(app.output).not.toContain('p4ssw0rd');
    expect(app.output).not.toContain('    at ');
  });

  it('says that its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    app = new AppProcess(settings(test, { APP_PORT: String(port) }));
    expect(await app.exit()).toBe(1);
    expect(app.output.trim()).toBe(`Port ${port} is in use. Set APP_PORT to another port.`);
    other.close();
  });

  it.each(['192.0.2.1', 'no-such-host.invalid'])('says that it cannot listen on %s', async (host) => {
    app = new AppProcess(settings(test, { APP_HOST: host }));
    expect(await app.exit()).toBe(1);
    expect(app.output.trim()).toMatch(new RegExp(`${host}( does not exist)?\\. Set APP_HOST to .*\\.$`));
    expect(app.output).not.toContain('    at ');
  });

  it('sends HTTP and database spans of one trace when an OTLP endpoint is set', async () => {
    const receiver = await startOtlp();
    app = new AppProcess(
      settings(test, { APP_LOG_LEVEL: 'info', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint }),
    );
    await fetch(`${await app.url()}/search?q=traced`);
    app.child.kill('SIGTERM');
    expect(await app.exit()).toBe(0);
    receiver.stop();
    expect(receiver.traced('/search', 'FROM search_terms')).toBe(true);
    expect(JSON.stringify(receiver.spans())).not.toContain(
      new URL(readUrl(test.database.urlFile('writer'))).password,
    );
  });
});

const readUrl = (path: string) => readFileSync(path, 'utf8');
