import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { type Config, readConfig } from '../../app/src/config.ts';
import type { ControlState, Report } from '../../app/src/contract.ts';
import { type Service, startService } from '../../app/src/service.ts';
import { Database } from '../../cli/lib/postgres/database.ts';
import { Postgres } from '../../cli/lib/postgres/postgres.ts';

/** A real PostgreSQL with the bootstrap applied, and both users. */
export interface TestDatabase {
  readonly postgres: Postgres;
  readonly database: Database;
  /** A directory that is removed with the database. */
  readonly directory: string;
  remove(): Promise<void>;
}

export async function startDatabase(): Promise<TestDatabase> {
  const directory = mkdtempSync(join(tmpdir(), 'crdb-evolution-test-'));
  // PostgreSQL does not run as root: its user must be able to pass through.
  chmodSync(directory, 0o711);
  const postgres = await Postgres.create(join(directory, 'postgres'));
  await postgres.start();
  const database = new Database(postgres, join(directory, 'credentials'));
  await database.apply('00-bootstrap.sql');
  await database.apply('10-phase1-reader-user.sql');
  for (const user of ['app_writer', 'app_reader']) await database.setPassword(user);
  database.writeUrl('writer', 'app_writer');
  database.writeUrl('reader', 'app_writer');
  return {
    postgres,
    database,
    directory,
    async remove() {
      await postgres.stop('immediate');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The settings of an app on this database, on a free port of loopback. */
export function settings(
  { database }: TestDatabase,
  more: Record<string, string> = {},
): Record<string, string> {
  return {
    APP_HOST: '127.0.0.1',
    APP_PORT: '0',
    APP_DB_WRITER_URL_FILE: database.urlFile('writer'),
    APP_DB_READER_URL_FILE: database.urlFile('reader'),
    APP_HASH_KEY: 'test',
    APP_LOG_LEVEL: 'silent',
    ...more,
  };
}

/** The app, in this process, on a real port. */
export class SampleApp {
  readonly url: string;
  readonly #service: Service;

  private constructor(service: Service) {
    this.#service = service;
    this.url = `http://127.0.0.1:${service.port}`;
  }

  static async start(environment: Record<string, string>): Promise<SampleApp> {
    const config: Config = readConfig(environment);
    return new SampleApp(await startService(config, pino({ level: config.logLevel })));
  }

  stop(): Promise<void> {
    return this.#service.stop();
  }

  get(path: string): Promise<Response> {
    return fetch(this.url + path);
  }

  post(path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  async command(name: string, args: unknown = {}): Promise<ControlState> {
    return (await (await this.post(`/commands/${name}`, args)).json()) as ControlState;
  }

  async report(): Promise<Report> {
    return (await (await this.get('/report')).json()) as Report;
  }

  async metrics(): Promise<string> {
    return (await this.get('/metrics')).text();
  }
}

/** The value of a series of `/metrics`, by its full name with labels; 0 when there is none. */
export function value(metrics: string, series: string): number {
  const line = metrics.split('\n').find((l) => l.startsWith(`${series} `));
  return line === undefined ? 0 : Number(line.slice(series.length + 1));
}
