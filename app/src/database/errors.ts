/** A statement that could not be done: the database is away, refuses, or took too long. Becomes an HTTP 503. */
export class DatabaseError extends Error {
  /** `writer` or `reader`. */
  readonly connection: string;
  /** SQLSTATE, or a Node error code, or `TIMEOUT`. A label with few values. */
  readonly code: string;

  constructor(connection: string, code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.connection = connection;
    this.code = code;
  }
}

/** The code of an error of `pg`, in a form fit for a metric's label. */
export function errorCode(error: unknown): string {
  if (error instanceof DatabaseError) return error.code;
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string };
  if (typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code)) return code;
  // `pg` and its pool report these without a code.
  if (/timeout|timed out/i.test(message)) return 'TIMEOUT';
  if (/connection (terminated|ended)|closed the connection|not queryable|client was closed/i.test(message))
    return 'ECONNRESET';
  return 'UNKNOWN';
}

/** Whether the connection itself is of no more use, so that it must not go back to the pool. */
export function breaksConnection(code: string): boolean {
  return !isSqlState(code) || /^(08|57P|58|XX)/.test(code);
}

/** A certificate that does not verify is not among them: it will not get better by itself. */
const NETWORK = new Set(
  'TIMEOUT ECONNRESET ECONNREFUSED ECONNABORTED EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH EAI_AGAIN ENOTFOUND'.split(
    ' ',
  ),
);

/**
 * Whether the same statement may well succeed when it is sent again, on a new connection if need be: serialisation failures and
 * deadlocks, a node that shuts down or drains (57P01), a broken or refused connection, and a login refused while a password is
 * being changed. The result of some of these is not known, so only a statement that is safe to repeat may be repeated.
 */
export function isTransient(code: string): boolean {
  if (!isSqlState(code)) return NETWORK.has(code);
  return /^(40001|40003|40P01|57P0[1-3]|08...|28P01|53300)$/.test(code);
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && /[0-9]/.test(code);
}
