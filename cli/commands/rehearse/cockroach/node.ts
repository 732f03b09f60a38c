import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { type CliError, cliError } from '../../../lib/errors.ts';
import { HOST } from '../../../lib/machine/ports.ts';
import { endGroup, signalGroup } from '../../../lib/machine/processes.ts';
import { type Binary, cleanEnvironment } from './binary.ts';

export interface NodePorts {
  /** Between nodes, and for the command line. */
  readonly rpc: number;
  readonly sql: number;
  readonly http: number;
}

export interface CockroachNodeOptions {
  readonly binary: Binary;
  /** e.g. `n1`. */
  readonly name: string;
  readonly ports: NodePorts;
  readonly certsDir: string;
  /** Directory of its data. */
  readonly store: string;
  /** The addresses of all three, whether they are there or not: the same for every node, in every phase. */
  readonly join: readonly string[];
  readonly logFile: string;
  /** Called when it ends unexpectedly. */
  readonly onDeath: (error: CliError) => void;
}

/** A node of CockroachDB, as a process that listens on this machine only. */
export class CockroachNode {
  readonly name: string;
  readonly ports: NodePorts;
  readonly #options: CockroachNodeOptions;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #ending = false;

  constructor(options: CockroachNodeOptions) {
    this.name = options.name;
    this.ports = options.ports;
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Begins the process; it is ready later. */
  start(): void {
    const { binary, logFile, onDeath } = this.#options;
    const log = openSync(logFile, 'a', 0o600);
    this.#ending = false;
    const child = spawn(binary.path, this.command, {
      env: cleanEnvironment(),
      stdio: ['ignore', log, log],
      // Out of the terminal's reach, and a group of its own: a wrapper around the program ends with it.
      detached: true,
    });
    closeSync(log);
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      const ended = (how: string) => {
        // Where the program is wrapped in another, what that started goes with it.
        if (child.pid !== undefined) endGroup(child.pid);
        if (!this.#ending) onDeath(this.#unexpectedEnd(how));
        resolve();
      };
      child.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`));
      child.once('error', (error) => ended(error.message));
    });
  }

  /** The arguments of `cockroach`, as somebody could type them. */
  get command(): string[] {
    const { certsDir, store, join, ports } = this.#options;
    return [
      'start',
      `--certs-dir=${certsDir}`,
      // Without the file that CockroachDB keeps for a full disk: up to 1 GiB for each node.
      `--store=path=${store},ballast-size=0`,
      `--listen-addr=${HOST}:${ports.rpc}`,
      `--sql-addr=${HOST}:${ports.sql}`,
      `--http-addr=${HOST}:${ports.http}`,
      `--join=${join.join(',')}`,
      // Three of them share a laptop with all else.
      '--cache=64MiB',
      '--max-sql-memory=128MiB',
    ];
  }

  /** Ends the process at once, without a word to it. */
  async kill(): Promise<void> {
    this.#ending = true;
    if (this.isRunning && this.pid !== undefined) signalGroup(this.pid, 'SIGKILL');
    await this.#exited;
  }

  #unexpectedEnd(how: string): CliError {
    const { name, logFile, ports } = this.#options;
    const log = existsSync(logFile) ? readFileSync(logFile, 'utf8').trim().split('\n') : [];
    const taken = log.slice(-30).some((line) => /address already in use|EADDRINUSE/i.test(line));
    const why = taken
      ? `Another program has taken one of its ports (${ports.rpc}, ${ports.sql}, ${ports.http}) since they were found free.\n`
      : '';
    return cliError('EVO-914', {
      name,
      how,
      log: `${why}The last lines of its log (${logFile}):\n${log.slice(-10).join('\n')}`,
      next: taken ? 'Run the same command again' : `Read ${logFile}, then run the same command again`,
    });
  }
}
