// The least that can answer the two requests: `node:http` and `pg`, the same statements, the same checks of the input.
import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import pg from 'pg';
import { INSERT_LOGIN, SEARCH } from './statements.ts';

const writer = new pg.Pool({ connectionString: process.env.APP_DB_WRITER_URL, max: 10 });
const reader = new pg.Pool({ connectionString: process.env.APP_DB_READER_URL, max: 10 });
const hash = (value: string) => createHmac('sha256', 'key').update(value).digest('hex').slice(0, 32);

const server = createServer(async (request, response) => {
  const answer = (status: number, body: unknown) => {
    const text = JSON.stringify(body);
    response
      .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
      .end(text);
  };
  try {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'POST' && url.pathname === '/login') {
      let text = '';
      for await (const chunk of request) text += chunk;
      const { userId } = JSON.parse(text);
      if (typeof userId !== 'string' || userId === '' || userId.length > 128)
        return answer(400, { error: 'userId' });
      const id = randomUUID();
      const address = request.socket.remoteAddress ?? '';
      await writer.query(INSERT_LOGIN, [
        id,
        userId,
        hash(address),
        hash(request.headers['user-agent'] ?? ''),
      ]);
      return answer(201, { id });
    }
    if (request.method === 'GET' && url.pathname === '/search') {
      const q = url.searchParams.get('q')?.trim().toLowerCase();
      if (!q || q.length > 64) return answer(400, { error: 'q' });
      return answer(200, { terms: (await reader.query(SEARCH, [q, `${q}\u{10FFFF}`])).rows });
    }
    return answer(404, { error: 'not found' });
  } catch (error) {
    return answer(500, { error: String(error) });
  }
});
server.listen(Number(process.env.APP_PORT), '127.0.0.1');
