// The least that can answer the two requests: `node:http` and `pg`, prepared statements, the length of the input checked.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { hash, INSERT_LOGIN, PORT, pool, SEARCH } from './shared.ts';

const writer = pool('WRITER');
const reader = pool('READER');

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
      const values = [id, userId, hash(address), hash(request.headers['user-agent'] ?? '')];
      await writer.query({ ...INSERT_LOGIN, values });
      return answer(201, { id });
    }
    if (request.method === 'GET' && url.pathname === '/search') {
      const q = url.searchParams.get('q')?.trim().toLowerCase();
      if (!q || q.length > 64) return answer(400, { error: 'q' });
      const { rows } = await reader.query({ ...SEARCH, values: [q, `${q}\u{10FFFF}`] });
      return answer(200, { terms: rows });
    }
    return answer(404, { error: 'not found' });
  } catch (error) {
    return answer(500, { error: String(error) });
  }
});
server.listen(PORT, '127.0.0.1');
