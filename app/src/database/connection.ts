import type { Logger } from 'pino';
import type { ConnectionName } from '../contract.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { ConnectionSettings } from './connection-url.ts';
import { CredentialPool, type Run } from './credential-pool.ts';
import type { Credentials } from './credentials.ts';
import { breaksConnection, DatabaseError, errorCode, isTransient } from './errors.ts';
import { TRY, whyNotMoved } from './move.ts';

/** Sending it twice must have the same effect as sending it once: after a broken connection it is unknown whether it was executed. */
export interface Statement {
  /** Under which it is prepared, once a connection: the server then plans it once. */
  readonly name: string;
  readonly text: string;
}

export interface QueryOptions {
  /** Milliseconds for everything: waiting for a connection, the statement, and repeats. */
  readonly deadlineMs?: number;
  readonly attempts?: number;
}

export interface ConnectionOptions {
  readonly name: ConnectionName;
  readonly credentials: Credentials;
  readonly poolSize: number;
  readonly telemetry: Telemetry;
  readonly log: Logger;
  /** Called when the app has moved to other credentials. */
  readonly onMoved?: (user: string) => void;
}

const DEADLINE_MS = 5000;
const ATTEMPTS = 8;
const BACKOFF_MS = { first: 20, most: 800 };
/**
 * A session with CockroachDB's follower reads begins every transaction in the past, and refuses one that is to write with 42601,
 * whatever its user may do. PostgreSQL has no such setting.
 */
const IN_THE_PRESENT = 'SET default_transaction_use_follower_reads = off';
const NO_SUCH_SETTING = '42704';
/** Between two tries to take up credentials that did not work. */
const MOVE_RETRY_MS = 1000;

/**
 * The app's connection to one Service: a pool that outlives the database's restarts and moves to new credentials while
 * requests go on. Never throws outside of a call.
 */
export class Connection {
  readonly name: ConnectionName;
  readonly #options: ConnectionOptions;
  #credentialPool: CredentialPool;
  #moving: AbortController | undefined;
  readonly #unwatch: () => void;
  /** Why new credentials are not taken up, if they are not. */
  moveProblem: string | undefined;

  /** Throws when the credentials cannot be read. Opens no connection yet: the database may come later. */
  constructor(options: ConnectionOptions) {
    this.name = options.name;
    this.#options = options;
    this.#credentialPool = this.#open(options.credentials.read());
    this.#unwatch = options.credentials.watch(() => void this.#move());
  }

  /** The user that the pool logs in as. */
  get user(): string {
    return this.#credentialPool.settings.user;
  }

  /** Connections of the pool. */
  get pool() {
    return this.#credentialPool.counts;
  }

  /** Rows of the statement. Throws a DatabaseError. */
  async query<Row>(
    statement: Statement,
    values: readonly unknown[],
    options: QueryOptions = {},
  ): Promise<Row[]> {
    const deadline = performance.now() + (options.deadlineMs ?? DEADLINE_MS);
    const attempts = options.attempts ?? ATTEMPTS;
    const { telemetry } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const start = performance.now();
      try {
        const rows = await this.#credentialPool.query<Row>(deadline, statement, values);
        telemetry.databaseQuery(this.name, performance.now() - start);
        return rows;
      } catch (error) {
        const code = errorCode(error);
        telemetry.databaseError(this.name, code);
        const pause = backoff(attempt);
        const last = attempt >= attempts || !isTransient(code) || performance.now() + pause >= deadline;
        if (last) throw this.#failure(code, error);
        telemetry.databaseRetry(this.name, code);
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  /**
   * Runs statements in one transaction that is always rolled back, in a session that is thrown away afterwards: it is set to what the
   * user may do, not to what its sessions begin with. Throws a DatabaseError of the first that fails.
   */
  async tryOut(
    statements: readonly { text: string; values?: readonly unknown[] }[],
    deadlineMs: number,
  ): Promise<void> {
    const credentialPool = this.#credentialPool;
    try {
      const attempt = async (run: Run) => {
        await run({ text: IN_THE_PRESENT }, []).catch((error) => {
          if (errorCode(error) !== NO_SUCH_SETTING) throw error;
        });
        await run({ text: 'BEGIN READ WRITE' }, []);
        try {
          for (const { text, values } of statements) await run({ text }, values ?? []);
        } finally {
          await run({ text: 'ROLLBACK' }, []);
        }
      };
      await credentialPool.use(performance.now() + deadlineMs, attempt, { throwAway: true });
    } catch (error) {
      throw this.#failure(errorCode(error), error);
    }
  }

  async close(): Promise<void> {
    this.#unwatch();
    this.#moving?.abort();
    await this.#credentialPool.retire();
  }

  #open(settings: ConnectionSettings): CredentialPool {
    return new CredentialPool(settings, this.#options.poolSize, (error) => {
      // An idle connection that breaks (a node drains, the network goes) is replaced by the pool at the next statement.
      this.#options.log.debug(
        { connection: this.name, code: errorCode(error) },
        'an idle connection was closed',
      );
    });
  }

  #failure(code: string, cause: unknown): DatabaseError {
    const why = breaksConnection(code) ? 'did not answer' : 'refused the statement';
    return new DatabaseError(this.name, code, `The ${this.name} connection ${why} (${code}).`, cause);
  }

  /** Takes up changed credentials: a new pool is opened and tried, then requests move over, then the old pool drains. */
  async #move(): Promise<void> {
    this.#moving?.abort();
    const moving = new AbortController();
    this.#moving = moving;
    const begun = performance.now();
    while (!moving.signal.aborted) {
      let next: CredentialPool | undefined;
      try {
        const settings = this.#options.credentials.read();
        if (JSON.stringify(settings) === JSON.stringify(this.#credentialPool.settings)) {
          this.moveProblem = undefined;
          return;
        }
        next = this.#open(settings);
        await next.use(performance.now() + DEADLINE_MS, (run) => run({ text: TRY }, []));
      } catch (error) {
        void next?.retire();
        const problem = next === undefined ? (error as Error).message : errorCode(error);
        const { text, passes } = whyNotMoved(problem, performance.now() - begun);
        if (this.moveProblem !== text) {
          const about = { connection: this.name, problem };
          this.#options.log[passes ? 'info' : 'warn'](about, `keeping the old credentials; ${text}`);
        }
        this.moveProblem = text;
        await new Promise((resolve) => setTimeout(resolve, MOVE_RETRY_MS).unref());
        continue;
      }
      if (moving.signal.aborted) {
        void next.retire();
        return;
      }
      const previous = this.#credentialPool;
      this.#credentialPool = next;
      this.moveProblem = undefined;
      this.#options.log.info({ connection: this.name, user: next.settings.user }, 'moved to new credentials');
      this.#options.onMoved?.(next.settings.user);
      void previous.retire();
      return;
    }
  }
}

/** Full jitter: clients that failed together must not come back together. */
function backoff(attempt: number): number {
  return Math.random() * Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** attempt);
}
