import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { anyFreePort } from '../../cli/lib/machine/ports.ts';
import { Scratch } from '../../cli/lib/machine/scratch.ts';

/**
 * A program that answers to CockroachDB's command line, certificates and SQL, with PostgreSQL behind them; COCKROACH_STANDIN names it. It is not
 * CockroachDB.
 */
const PROGRAM = process.env.COCKROACH_STANDIN ?? '';

export const hasStandIn = existsSync(PROGRAM);

/** Prints what is skipped, where there is none. */
export function saySkipped(what: string): void {
  if (!hasStandIn)
    console.warn(
      `SKIPPED: ${what}, on a stand-in for CockroachDB. ${PROGRAM === '' ? 'COCKROACH_STANDIN names none' : `There is no ${PROGRAM} (COCKROACH_STANDIN)`}.`,
    );
}

/** One node of it, on loopback. */
export class StandIn {
  readonly #scratch = new Scratch();
  readonly #child: ChildProcess;
  readonly #sqlPort: number;

  private constructor(child: (scratch: Scratch) => ChildProcess, sqlPort: number) {
    this.#child = child(this.#scratch);
    this.#sqlPort = sqlPort;
  }

  static async start(): Promise<StandIn> {
    const [rpc = 0, sql = 0, http = 0, behind = 0] = await Promise.all([1, 2, 3, 4].map(anyFreePort));
    const start = (scratch: Scratch) => {
      const certificates = ['--certs-dir', scratch.path('certs'), '--ca-key', scratch.path('ca.key')];
      for (const what of [['create-ca'], ['create-node', 'localhost'], ['create-client', 'root']])
        execFileSync(PROGRAM, ['cert', ...what, ...certificates]);
      const addresses = { 'listen-addr': rpc, 'sql-addr': sql, 'http-addr': http, join: rpc };
      const flags = Object.entries(addresses).map(([flag, port]) => `--${flag}=localhost:${port}`);
      return spawn(
        PROGRAM,
        ['start', '--certs-dir', scratch.path('certs'), '--store', scratch.path('data'), ...flags],
        // TMPDIR: it leaves its sockets there.
        {
          stdio: 'ignore',
          env: { ...process.env, TMPDIR: scratch.directory, STANDIN_PG_PORT: String(behind) },
        },
      );
    };
    const standIn = new StandIn(start, sql);
    try {
      await standIn.#initialize(rpc);
    } catch (error) {
      await standIn.stop();
      throw error;
    }
    return standIn;
  }

  /** A connection URL for a user with a password. */
  url(user: string, password: string): string {
    const ca = this.#scratch.path('certs', 'ca.crt');
    return `postgresql://${user}:${password}@localhost:${this.#sqlPort}/evolution?sslmode=verify-full&sslrootcert=${ca}`;
  }

  /** Runs statements as root, in order. */
  async run(...statements: readonly string[]): Promise<void> {
    const file = (name: string) => readFileSync(this.#scratch.path('certs', name), 'utf8');
    const client = new Client({
      host: 'localhost',
      port: this.#sqlPort,
      user: 'root',
      database: 'defaultdb',
      ssl: { ca: file('ca.crt'), cert: file('client.root.crt'), key: file('client.root.key') },
    });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await ended;
    }
    this.#scratch.remove();
  }

  async #initialize(rpcPort: number): Promise<void> {
    for (const end = Date.now() + 60_000; ; await sleep(200)) {
      try {
        execFileSync(
          PROGRAM,
          ['init', `--host=localhost:${rpcPort}`, '--certs-dir', this.#scratch.path('certs')],
          { stdio: 'pipe' },
        );
        return;
      } catch (error) {
        if (Date.now() > end || this.#child.exitCode !== null) throw error;
      }
    }
  }
}
