// The same two requests on Fastify, with its own validation by JSON schema, and prepared statements.
import { randomUUID } from 'node:crypto';
import fastify from 'fastify';
import { hash, INSERT_LOGIN, PORT, pool, SEARCH } from './shared.ts';

const writer = pool('WRITER');
const reader = pool('READER');
const text = (most: number) => ({ type: 'string', minLength: 1, maxLength: most });

const app = fastify();
app.post<{ Body: { userId: string } }>(
  '/login',
  { schema: { body: { type: 'object', required: ['userId'], properties: { userId: text(128) } } } },
  async (request, reply) => {
    const id = randomUUID();
    const agent = hash(request.headers['user-agent'] ?? '');
    await writer.query({ ...INSERT_LOGIN, values: [id, request.body.userId, hash(request.ip), agent] });
    return reply.code(201).send({ id });
  },
);
app.get<{ Querystring: { q: string } }>(
  '/search',
  { schema: { querystring: { type: 'object', required: ['q'], properties: { q: text(64) } } } },
  async (request) => {
    const q = request.query.q.trim().toLowerCase();
    const { rows } = await reader.query({ ...SEARCH, values: [q, `${q}\u{10FFFF}`] });
    return { terms: rows };
  },
);
void app.listen({ port: PORT, host: '127.0.0.1' });
