// The bare server with the nearest that its libraries offer to the app's guarantees: see GUARANTEES in contenders.ts.
import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { Counter, Histogram, Registry } from 'prom-client';
import { hash, INSERT_LOGIN, PORT, pool, SEARCH } from './shared.ts';

const DEADLINES = { connectionTimeoutMillis: 1500, query_timeout: 1500, statement_timeout: 10_000 };
const MOST_WAITING = 500;
const MOST_BODY_BYTES = 16 * 1024;
const writer = pool('WRITER', DEADLINES);
const reader = pool('READER', DEADLINES);

const registers = [new Registry()];
const requests = new Counter({
  name: 'http_requests_total',
  help: 'HTTP requests.',
  labelNames: ['method', 'route', 'status'],
  registers,
});
const durations = new Histogram({
  name: 'http_request_duration_seconds',
  help: 'Time to answer.',
  labelNames: ['route'],
  registers,
});
const queries = new Histogram({
  name: 'db_query_duration_seconds',
  help: 'Time of a statement.',
  labelNames: ['connection'],
  registers,
});

class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const valid = (value: unknown, most: number): string => {
  if (typeof value !== 'string' || value === '' || value.length > most || /[\p{Cc}\p{Cs}]/u.test(value))
    throw new Refused(400, 'bad input');
  return value;
};

async function body(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > MOST_BODY_BYTES) throw new Refused(413, 'too large');
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    throw new Refused(415, 'not JSON');
  if (!isUtf8(bytes)) throw new Refused(400, 'not UTF-8');
  return JSON.parse(bytes.toString());
}

async function query(
  connection: 'writer' | 'reader',
  statement: { name: string; text: string },
  values: unknown[],
) {
  const from = connection === 'writer' ? writer : reader;
  if (from.waitingCount > MOST_WAITING) throw new Refused(503, 'too many wait');
  const start = performance.now();
  const { rows } = await from.query({ ...statement, values });
  queries.observe({ connection }, (performance.now() - start) / 1000);
  return rows;
}

async function answerTo(request: IncomingMessage, url: URL): Promise<[status: number, body: unknown]> {
  if (request.method === 'POST' && url.pathname === '/login') {
    const userId = valid(((await body(request)) as { userId?: unknown } | null)?.userId, 128);
    const id = randomUUID();
    const agent = hash(request.headers['user-agent'] ?? '');
    await query('writer', INSERT_LOGIN, [id, userId, hash(request.socket.remoteAddress ?? ''), agent]);
    return [201, { id }];
  }
  if (request.method === 'GET' && url.pathname === '/search') {
    const q = valid(url.searchParams.get('q')?.trim(), 64).normalize('NFC').toLowerCase();
    return [200, { terms: await query('reader', SEARCH, [q, `${q}\u{10FFFF}`]) }];
  }
  throw new Refused(404, 'not found');
}

const server = createServer(async (request, response) => {
  const start = performance.now();
  const url = new URL(request.url ?? '/', 'http://localhost');
  const route = ['/login', '/search'].includes(url.pathname) ? url.pathname : 'other';
  const [status, content] = await answerTo(request, url).catch((error): [number, unknown] => [
    error instanceof Refused ? error.status : 503,
    { error: error instanceof Refused ? error.message : 'failed' },
  ]);
  const text = JSON.stringify(content);
  response
    .writeHead(status, {
      'x-content-type-options': 'nosniff',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    })
    .end(text);
  requests.inc({ method: request.method ?? '', route, status: String(status) });
  durations.observe({ route }, (performance.now() - start) / 1000);
});
server.listen(PORT, '127.0.0.1');
