// The same two requests on Fastify, with its own validation by JSON schema.
import { createHmac, randomUUID } from 'node:crypto';
import fastify from 'fastify';
import pg from 'pg';
import { INSERT_LOGIN, SEARCH } from './statements.ts';

const writer = new pg.Pool({ connectionString: process.env.APP_DB_WRITER_URL, max: 10 });
const reader = new pg.Pool({ connectionString: process.env.APP_DB_READER_URL, max: 10 });
const hash = (value: string) => createHmac('sha256', 'key').update(value).digest('hex').slice(0, 32);
const text = (most: number) => ({ type: 'string', minLength: 1, maxLength: most });

const app = fastify();
app.post<{ Body: { userId: string } }>(
  '/login',
  { schema: { body: { type: 'object', required: ['userId'], properties: { userId: text(128) } } } },
  async (request, reply) => {
    const id = randomUUID();
    await writer.query(INSERT_LOGIN, [
      id,
      request.body.userId,
      hash(request.ip),
      hash(request.headers['user-agent'] ?? ''),
    ]);
    return reply.code(201).send({ id });
  },
);
app.get<{ Querystring: { q: string } }>(
  '/search',
  { schema: { querystring: { type: 'object', required: ['q'], properties: { q: text(64) } } } },
  async (request) => {
    const q = request.query.q.trim().toLowerCase();
    return { terms: (await reader.query(SEARCH, [q, `${q}\u{10FFFF}`])).rows };
  },
);
void app.listen({ port: Number(process.env.APP_PORT), host: '127.0.0.1' });
