import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import type { Connection, Statement } from '../database/connection.ts';
import { type DatabaseError, errorCode } from '../database/errors.ts';
import { INSERT_LOGIN } from './login.ts';

const PING: Statement = { name: 'ping', text: 'SELECT 1' };
const TIMEOUT_MS = 1000;
/** Grants seldom change, and the probe comes every few seconds. Milliseconds. */
const READ_ONLY_VALID_MS = 30_000;
/** No privilege; read-only transaction. Nothing else proves that a user cannot write: a syntax error (42601) says nothing of grants. */
const REFUSALS = new Set(['42501', '25006']);

interface Check {
  readonly ok: boolean;
  readonly detail: string;
}

/** `GET /healthz`: the process answers. `GET /readyz`: so does the database, and the read-only user is one. */
export function healthRoutes(options: { writer: Connection; reader: Connection; isStopping: () => boolean }) {
  const readOnly = readOnlyCheck(options.writer, options.reader);
  return new Hono()
    .get('/healthz', (c) => c.json({ ok: true }))
    .get('/readyz', async (c) => {
      const [writer, reader, readOnlyUser] = await Promise.all([
        answers(options.writer),
        answers(options.reader),
        readOnly(),
      ]);
      const checks = {
        writer,
        reader,
        readOnlyUser,
        ...(options.isStopping() ? { process: { ok: false, detail: 'is stopping' } } : {}),
      };
      const ok = Object.values(checks).every((check) => check.ok);
      return c.json({ ok, checks }, ok ? 200 : 503);
    });
}

async function answers(connection: Connection): Promise<Check> {
  try {
    await connection.query(PING, [], { deadlineMs: TIMEOUT_MS, attempts: 1 });
    const moving = connection.moveProblem === undefined ? '' : `; ${connection.moveProblem}`;
    return { ok: true, detail: `answers as ${connection.user}${moving}` };
  } catch (error) {
    return { ok: false, detail: (error as DatabaseError).message };
  }
}

/** Whether a reader with its own user really cannot write. This tries to, in a transaction that is rolled back. */
function readOnlyCheck(writer: Connection, reader: Connection): () => Promise<Check> {
  let known: { user: string; until: number; check: Check } | undefined;
  return async () => {
    if (reader.user === writer.user)
      return { ok: true, detail: `not checked: the reader is ${reader.user}, as the writer` };
    if (known?.user === reader.user && performance.now() < known.until) return known.check;
    const user = reader.user;
    const { proven, ...check } = await tryToWrite(reader, user);
    if (proven) known = { user, until: performance.now() + READ_ONLY_VALID_MS, check };
    return check;
  };
}

async function tryToWrite(reader: Connection, user: string): Promise<Check & { readonly proven: boolean }> {
  try {
    await reader.tryOut([{ text: INSERT_LOGIN.text, values: [randomUUID(), 'readyz', '', ''] }], TIMEOUT_MS);
    return {
      proven: true,
      ok: false,
      detail: `${user} can write. Apply sql/10-phase1-reader-user.sql, or revoke what it was granted.`,
    };
  } catch (error) {
    const code = errorCode(error);
    return REFUSALS.has(code)
      ? { proven: true, ok: true, detail: `${user} cannot write (${code})` }
      : { proven: false, ok: false, detail: `could not be checked: ${(error as DatabaseError).message}` };
  }
}
