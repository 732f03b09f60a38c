import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DATABASE, PORTS, USERS } from '../../../../components/names.ts';
import { grantStatement, initCommand, runCommand, type Workload } from '../../../../components/workload.ts';
import { cliError } from '../../../lib/errors.ts';
import { HOST } from '../../../lib/machine/ports.ts';
import { CommandFailed, run, signalGroup } from '../../../lib/machine/processes.ts';
import type { Scratch } from '../../../lib/machine/scratch.ts';
import { type Binary, cleanEnvironment } from './binary.ts';

/** As on a cluster, and small enough for a laptop. */
export const WORKLOAD: Workload = { kind: 'tpcc', warehouses: 1, rate: 20 };

/** On Kubernetes, its Deployment starts it again after it has ended. Milliseconds. */
const RESTART_MS = 2000;

/** `cockroach workload`: real transactions of TPC-C beside the app's, to the end of the rehearsal. */
export class Load {
  readonly #binary: Binary;
  readonly #certsDir: string;
  readonly #scratch: Scratch;
  readonly #ports: { readonly sql: number; readonly metrics: number };
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #restart: NodeJS.Timeout | undefined;
  #ending = false;
  /** How often it ended by itself. */
  restarts = 0;

  /** `ports`: of `crdb-writer`, and of the metrics that it offers. */
  constructor(binary: Binary, certsDir: string, scratch: Scratch, ports: { sql: number; metrics: number }) {
    this.#binary = binary;
    this.#certsDir = certsDir;
    this.#scratch = scratch;
    this.#ports = ports;
  }

  /** Makes and fills its tables, as root, which takes a while. Throws a CliError with the last lines of the tool. */
  async init(signal: AbortSignal): Promise<void> {
    const [, ...args] = initCommand(WORKLOAD, this.#url('root'));
    try {
      await run(this.#binary.path, args, {
        env: cleanEnvironment(),
        cwd: this.#scratch.directory,
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      const output = error instanceof CommandFailed ? error.output : String(error);
      throw cliError('EVO-913', {
        command: 'workload init',
        problem: output.split('\n').slice(-5).join('\n'),
      });
    }
  }

  /** Grants the load's user its rights, once the tables exist. */
  readonly grant = { text: grantStatement(WORKLOAD), database: DATABASE };

  start(): void {
    if (this.#ending) return;
    const [, ...args] = runCommand(WORKLOAD, this.#url(USERS.load));
    const log = openSync(this.#scratch.path('load.log'), 'a', 0o600);
    const metrics = `--prometheus-port=${this.#ports.metrics}`;
    const child = spawn(
      this.#binary.path,
      args.map((arg) => (arg === `--prometheus-port=${PORTS.load}` ? metrics : arg)),
      {
        env: cleanEnvironment(),
        cwd: this.#scratch.directory,
        stdio: ['ignore', log, log],
        detached: true,
      },
    );
    closeSync(log);
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      const ended = () => {
        if (!this.#ending) {
          this.restarts += 1;
          this.#restart = setTimeout(() => this.start(), RESTART_MS);
        }
        resolve();
      };
      child.once('exit', ended);
      child.once('error', ended);
    });
    this.#scratch.record('load', child.pid ?? 0, 'SIGKILL');
  }

  async stop(): Promise<void> {
    this.#ending = true;
    clearTimeout(this.#restart);
    if (this.#child?.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null)
      signalGroup(this.#child.pid, 'SIGKILL');
    await this.#exited;
  }

  #url(user: string): string {
    const file = (name: string) => encodeURIComponent(join(this.#certsDir, name));
    const files = `sslrootcert=${file('ca.crt')}&sslcert=${file(`client.${user}.crt`)}&sslkey=${file(`client.${user}.key`)}`;
    return `postgresql://${user}@${HOST}:${this.#ports.sql}/${DATABASE}?sslmode=verify-full&${files}`;
  }
}
