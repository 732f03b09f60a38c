import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isLibpq } from '../../../../components/database/libpq.ts';
import { cliError } from '../../../lib/errors.ts';
import { askLocal } from '../../../lib/machine/loopback.ts';
import { APP, REPOSITORY } from '../../../lib/machine/paths.ts';
import { HOST } from '../../../lib/machine/ports.ts';

const READY_MS = 30_000;
/** The app gives itself 9 seconds to stop. */
const STOP_MS = 11_000;

export interface AppOptions {
  readonly port: number;
  /** Files that hold the two connection URLs. */
  readonly writerUrlFile: string;
  readonly readerUrlFile: string;
  /** How old a reader's answer may be, in seconds. */
  readonly allowanceSeconds: number;
  readonly logFile: string;
}

/** The real app, from its sources, as its own process. */
export class AppProcess {
  readonly address: string;
  readonly logFile: string;
  /** Aborted with a CliError when the app ends unexpectedly. */
  readonly died: AbortSignal;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #logStart: number;
  #stopping = false;

  constructor(options: AppOptions) {
    this.address = `http://${HOST}:${options.port}`;
    this.logFile = options.logFile;
    this.#logStart = existsSync(options.logFile) ? readFileSync(options.logFile, 'utf8').length : 0;
    const log = openSync(options.logFile, 'a', 0o600);
    this.#child = spawn(process.execPath, ['--import', 'tsx', join(APP, 'src', 'main.ts')], {
      cwd: REPOSITORY,
      env: environment(options),
      stdio: ['ignore', log, log],
      // Out of the terminal's reach: a Ctrl-C must not end the app before what uses it.
      detached: true,
    });
    closeSync(log);
    const died = new AbortController();
    this.died = died.signal;
    this.#exited = new Promise((resolve) => {
      const ended = (how: string) => {
        if (!this.#stopping) died.abort(cliError('EVO-921', { how, log: this.logTail() }));
        resolve();
      };
      this.#child.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`));
      this.#child.once('error', (error) => ended(error.message));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves when it listens at its port, or has ended: false when that was because another process had taken the port. */
  async listens(signal: AbortSignal): Promise<boolean> {
    // Whoever answers at the port may be another app: only its own log says that it listens.
    while (!this.died.aborted) {
      signal.throwIfAborted();
      if (this.#log().includes('"msg":"listening"')) return true;
      await sleep(50);
    }
    return !this.#log().includes(' is in use. ');
  }

  /** Resolves when /readyz reports ready. Throws a CliError with its answer when that takes too long, and when the app dies or `signal` is aborted. */
  async ready(signal: AbortSignal): Promise<void> {
    const deadline = Date.now() + READY_MS;
    let last = 'no answer yet';
    while (Date.now() < deadline) {
      this.died.throwIfAborted();
      signal.throwIfAborted();
      try {
        const { status, text } = await askLocal(`${this.address}/readyz`, {}, AbortSignal.timeout(2_000));
        if (status === 200) return;
        last = text;
      } catch (error) {
        // Mostly that it does not listen yet.
        last = (error as Error).message;
      }
      await sleep(100);
    }
    throw cliError('EVO-922', {
      problem: `it was not ready after ${READY_MS / 1000} s. /readyz: ${last}\n${this.logTail()}`,
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#child.kill('SIGTERM');
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await this.#exited;
    clearTimeout(kill);
  }

  /** The end of its log, for messages. */
  logTail(lines = 15): string {
    const log = this.#log().trim().split('\n');
    return `The last lines of its log (${this.logFile}):\n${log.slice(-lines).join('\n')}`;
  }

  /** What it has written since it was started: an attempt before it may have written into the same file. */
  #log(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8').slice(this.#logStart) : '';
  }
}

// Settings of the presenter's shell for some other app, for `psql`, or of a proxy must not reach this one. There is no control token:
// nobody but this machine reaches the app.
function environment(options: AppOptions): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(APP_|NODE_USE_ENV_PROXY$)/.test(name) && !isLibpq(name),
  );
  return {
    ...Object.fromEntries(inherited),
    APP_HOST: HOST,
    APP_PORT: String(options.port),
    APP_DB_WRITER_URL_FILE: options.writerUrlFile,
    APP_DB_READER_URL_FILE: options.readerUrlFile,
    APP_WITNESS_ALLOWANCE_SECONDS: String(options.allowanceSeconds),
  };
}
