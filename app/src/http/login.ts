import { createHmac, createSecretKey, randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { z } from 'zod';
import type { Connection, Statement } from '../database/connection.ts';
import { isPlainText, jsonBody, text, valid } from '../input.ts';
import { clientAddress, requestHeader } from '../node-request.ts';

/** The id is made before the insert, so that a repeated insert finds its own row and writes nothing twice. */
export const INSERT_LOGIN: Statement = {
  name: 'insert_login',
  text: 'INSERT INTO login_events (id, user_id, ip_hash, user_agent_hash) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING',
};

const MOST = 128;
const BODY = z.object({ userId: text(MOST) });

/** A login by the request's body: one login event through the writer. Address and user agent are kept only as keyed hashes. */
export type Login = (body: unknown, address: string, userAgent: string) => Promise<{ readonly id: string }>;

export function logins(options: { writer: Connection; hashKey: string }): Login {
  // Read once, not for each hash.
  const key = createSecretKey(options.hashKey, 'utf8');
  const hash = (value: string) => createHmac('sha256', key).update(value).digest('hex').slice(0, 32);
  return async (body, address, userAgent) => {
    const written = (body as { userId?: unknown } | null | undefined)?.userId;
    const userId = isPlainText(written, MOST) ? written : valid(BODY, body).userId;
    const id = randomUUID();
    await options.writer.query(INSERT_LOGIN, [id, userId, hash(address), hash(userAgent)]);
    return { id };
  };
}

/** `POST /login`. */
export function loginRoute(login: Login, trustProxy: boolean) {
  return new Hono().post('/', async (c) => {
    const body = await jsonBody(c);
    return c.json(await login(body, clientAddress(c, trustProxy), requestHeader(c, 'user-agent') ?? ''), 201);
  });
}
