import { createHmac, randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { z } from 'zod';
import type { Connection, Statement } from '../database/connection.ts';
import { jsonBody, text, valid } from '../input.ts';
import { clientAddress, requestHeader } from '../node-request.ts';

/** The id is made before the insert, so that a repeated insert finds its own row and writes nothing twice. */
export const INSERT_LOGIN: Statement = {
  name: 'insert_login',
  text: 'INSERT INTO login_events (id, user_id, ip_hash, user_agent_hash) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING',
};

const BODY = z.object({ userId: text(128) });

/** `POST /login`: one login event through the writer. Address and user agent are kept only as keyed hashes. */
export function loginRoute(options: { writer: Connection; hashKey: string; trustProxy: boolean }) {
  const hash = (value: string) =>
    createHmac('sha256', options.hashKey).update(value).digest('hex').slice(0, 32);
  return new Hono().post('/', async (c) => {
    const { userId } = valid(BODY, await jsonBody(c));
    const id = randomUUID();
    const address = clientAddress(c, options.trustProxy);
    await options.writer.query(INSERT_LOGIN, [
      id,
      userId,
      hash(address),
      hash(requestHeader(c, 'user-agent') ?? ''),
    ]);
    return c.json({ id }, 201);
  });
}
