import pg from 'pg';
import { AdmissionQueue } from './admission-queue.ts';
import type { ConnectionSettings } from './connection-url.ts';
import { breaksConnection, errorCode } from './errors.ts';
import { PreparedQuery, type PreparedStatement } from './prepared-query.ts';

/** Runs one statement. */
export type Run = <Row>(statement: { readonly text: string }, values: readonly unknown[]) => Promise<Row[]>;

/** Nothing was sent: the connection is as good as before. */
class NoTimeLeft extends Error {}

/** A connection that is not open after this is not coming. Milliseconds. */
const CONNECT_MS = 1500;
/** A connection that is silent for this long may be half open: another is worth a try. */
const SILENCE_MS = 1500;
/** A statement with less time than this is not begun: cut off, it would cost its connection, and the next one has to open another. */
const LEAST_MS = 100;
/** What may wait, for each connection of the pool. */
const MOST_WAITING = 50;
const STATEMENT_MS = 10_000;
/** A silent server lets a connection be half open before it is tried for so long. Milliseconds. */
const KEEP_ALIVE_MS = 10_000;
/** A server that is told goodbye and does not hang up is cut off. Milliseconds. */
const GOODBYE_MS = 1000;
/** Connections are renewed, so that they spread over nodes that joined later. Seconds. */
const LIFETIME_SECONDS = 180;
/** How long a retired pool may finish what it has in progress. Milliseconds. */
const DRAIN_MS = 10_000;

// Counts and sizes fit a JavaScript number; `pg` gives INT8 as text otherwise.
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, Number);

/** A client whose end does not depend on the server: one that is gone never answers, and the socket would stay for ever. */
class Client extends pg.Client {
  /** The pool's own limit for connecting is a timer for each checkout too, of connections that are open: here it is one a connection. */
  constructor(options: pg.ClientConfig = {}) {
    // Not a copy: the pool hides the password from copies.
    super(Object.create(options, { connectionTimeoutMillis: { value: CONNECT_MS } }));
  }

  override end(): Promise<void>;
  override end(callback: (error: Error) => void): void;
  override end(callback?: (error: Error) => void): Promise<void> | void {
    const cutOff = setTimeout(() => this.connection.stream.destroy(), GOODBYE_MS);
    this.connection.once('end', () => clearTimeout(cutOff));
    return callback === undefined ? super.end() : super.end(callback);
  }
}

/** A pool for one set of credentials, which knows what it has in progress, so that it can be retired without failing any of it. */
export class CredentialPool {
  readonly settings: ConnectionSettings;
  readonly #pool: pg.Pool;
  readonly #admission: AdmissionQueue;
  #inProgress = 0;
  #idle: (() => void) | undefined;

  constructor(settings: ConnectionSettings, size: number, onIdleError: (error: Error) => void) {
    this.settings = settings;
    const { ssl, password, ...address } = settings;
    this.#admission = new AdmissionQueue(size, size * MOST_WAITING);
    this.#pool = new pg.Pool({
      Client,
      ...address,
      ...(password === undefined ? {} : { password }),
      ssl,
      types,
      max: size,
      // Their lifetime ends idle connections too.
      idleTimeoutMillis: 0,
      maxLifetimeSeconds: LIFETIME_SECONDS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      // The server's own limit, for statements whose client has given up.
      statement_timeout: STATEMENT_MS,
      application_name: 'sample-app',
    });
    // Without a listener, an error of a connection ends the process: of an idle one, which the pool reports, and of a lent one between
    // two statements, which no code here does; its next statement fails in that case.
    this.#pool.on('error', onIdleError);
    this.#pool.on('connect', (client) => client.on('error', () => {}));
  }

  get counts() {
    return { open: this.#pool.totalCount, idle: this.#pool.idleCount, waiting: this.#admission.waiting };
  }

  /** Rows of one prepared statement, which is done by the deadline, a `performance.now()` time, or fails. */
  query<Row>(deadline: number, statement: PreparedStatement, values: readonly unknown[]): Promise<Row[]> {
    return this.#lend(deadline, (client) => {
      const until = Math.min(performance.now() + SILENCE_MS, deadline);
      return new Promise<Row[]>((resolve, reject) => {
        client.query(
          new PreparedQuery<Row>(statement, values, types, until, (error, rows) =>
            error ? reject(error) : resolve(rows),
          ),
        );
      });
    });
  }

  /** Lends a connection for statements that are not prepared. With `throwAway`, it is not used again: its session is then different. */
  use<T>(deadline: number, work: (run: Run) => Promise<T>, { throwAway = false } = {}): Promise<T> {
    return this.#lend(
      deadline,
      (client) =>
        work(async ({ text }, values) => {
          const query_timeout = Math.min(SILENCE_MS, Math.max(1, deadline - performance.now()));
          const query = { text, values: values as unknown[], query_timeout };
          return (await client.query(query)).rows;
        }),
      throwAway,
    );
  }

  /** A connection that `work` fails with is used again only if the error says nothing against it. */
  async #lend<T>(
    deadline: number,
    work: (client: pg.PoolClient) => Promise<T>,
    throwAway = false,
  ): Promise<T> {
    this.#inProgress += 1;
    try {
      if (!this.#admission.takeFree()) await this.#admission.take(deadline - LEAST_MS);
      try {
        const client = await this.#checkOut(deadline);
        let useless = throwAway;
        try {
          if (deadline - performance.now() < LEAST_MS)
            throw new NoTimeLeft('timeout: no time is left for the statement');
          return await work(client);
        } catch (error) {
          useless ||= !(error instanceof NoTimeLeft) && breaksConnection(errorCode(error));
          throw error;
        } finally {
          client.release(useless);
        }
      } finally {
        this.#admission.give();
      }
    } finally {
      this.#inProgress -= 1;
      if (this.#inProgress === 0) this.#idle?.();
    }
  }

  /** One that is idle comes at once, another has to connect: until the deadline, after which it goes back when it comes. */
  #checkOut(deadline: number): Promise<pg.PoolClient> {
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      let expired = false;
      if (this.#pool.idleCount === 0)
        timer = setTimeout(
          () => {
            expired = true;
            reject(new Error('timeout: no connection was free'));
          },
          Math.max(0, deadline - performance.now()),
        );
      this.#pool.connect((error, client) => {
        clearTimeout(timer);
        if (client === undefined) reject(error);
        else if (expired) client.release();
        else resolve(client);
      });
    });
  }

  /** Ends the pool when nothing is in progress any more, or after ten seconds. Never rejects. */
  async retire(): Promise<void> {
    if (this.#inProgress > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
        setTimeout(resolve, DRAIN_MS).unref();
      });
    }
    await this.#pool.end().catch(() => {});
  }
}
