import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppProcess } from '../support/app-process.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import type { Random } from '../support/random.ts';
import { settings, startDatabase, type TestDatabase } from '../support/sample-app.ts';
import { SmallDisk } from './small-disk.ts';

/** The app as a process, a real PostgreSQL, and between them a network that can fail. */
export class Stage {
  readonly test: TestDatabase;
  readonly proxy: FaultProxy;
  readonly app: AppProcess;
  readonly url: string;
  /** Holds the tables that are written, if it was asked for and can be had: only root may mount. */
  readonly disk: SmallDisk | undefined;

  private constructor(parts: Pick<Stage, 'test' | 'proxy' | 'app' | 'url' | 'disk'>) {
    this.test = parts.test;
    this.proxy = parts.proxy;
    this.app = parts.app;
    this.url = parts.url;
    this.disk = parts.disk;
  }

  static async set(random: Random, { smallDisk = false } = {}): Promise<Stage> {
    const test = await startDatabase();
    const disk = smallDisk ? await SmallDisk.mount(test, ['login_events', 'witness_writes']) : undefined;
    const proxy = await FaultProxy.start(() => test.postgres.port, random);
    const files = { writer: join(test.directory, 'writer'), reader: join(test.directory, 'reader') };
    writeUrl({ test, proxy }, 'writer', 'app_writer');
    writeUrl({ test, proxy }, 'reader', 'app_reader');
    const app = new AppProcess({
      ...settings(test),
      APP_DB_WRITER_URL_FILE: files.writer,
      APP_DB_READER_URL_FILE: files.reader,
      APP_WITNESS_ALLOWANCE_SECONDS: '2',
    });
    return new Stage({ test, proxy, app, url: await app.url(), disk });
  }

  /** Tells the app, through its file, as whom to connect. A password may be given that is not the user's. */
  connectAs(connection: 'writer' | 'reader', user: string, password?: string): void {
    writeUrl(this, connection, user, password);
  }

  /** One statement as the superuser, past the proxy. */
  async admin(sql: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    const client = await this.test.postgres.connect('evolution');
    try {
      return (await client.query(sql, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  async readyz(): Promise<number> {
    const response = await fetch(`${this.url}/readyz`);
    await response.arrayBuffer();
    return response.status;
  }

  async strike(): Promise<void> {
    if (this.app.runs) await this.app.kill();
    await this.proxy.close();
    await this.test.postgres.stop('immediate');
    this.disk?.unmount();
    await this.test.remove();
  }
}

function writeUrl(
  { test, proxy }: Pick<Stage, 'test' | 'proxy'>,
  connection: 'writer' | 'reader',
  user: string,
  password?: string,
): void {
  test.database.writeUrl(connection, user);
  const url = new URL(readFileSync(test.database.urlFile(connection), 'utf8').trim());
  url.port = String(proxy.port);
  if (password !== undefined) url.password = password;
  const file = join(test.directory, connection);
  writeFileSync(`${file}.new`, url.href);
  renameSync(`${file}.new`, file);
}
