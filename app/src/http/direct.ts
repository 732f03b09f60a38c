import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { incompleteBody, MOST_BODY_BYTES, parseJson } from '../input.ts';
import { addressOf } from '../node-request.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { answerTo } from './error-answer.ts';
import type { Login } from './login.ts';
import type { Search } from './search.ts';

export interface DirectOptions {
  readonly login: Login;
  readonly search: Search;
  readonly telemetry: Telemetry;
  readonly log: Logger;
  readonly trustProxy: boolean;
}

/** Answers a request, or returns false and has not touched it. */
export type Direct = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * Answers `GET /search` and `POST /login` in their usual form straight on Node's request and response. Everything else, and each request
 * that has something unusual about it, is left to the router, which answers it the same: direct.test.ts compares the two.
 */
export function directRoutes({ login, search, telemetry, log, trustProxy }: DirectOptions): Direct {
  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    route: '/login' | '/search',
    work: () => Promise<unknown>,
  ): Promise<void> {
    const start = performance.now();
    let status = route === '/login' ? 201 : 200;
    let body: unknown;
    const headers = ['x-content-type-options', 'nosniff', 'content-type', 'application/json'];
    try {
      body = await work();
    } catch (error) {
      const answer = answerTo(error, route, log);
      ({ status, body } = answer);
      headers.push(...Object.entries(answer.headers).flat());
    }
    const text = JSON.stringify(body);
    headers.push('content-length', String(Buffer.byteLength(text)));
    // Node sends head and body of `end(text)` with an empty piece after them, as a list: to end it after they are sent saves 3 % of a request.
    response.writeHead(status, headers).write(text);
    process.nextTick(end, response);
    telemetry.httpRequest(request.method as string, route, status, performance.now() - start);
  }

  const isUsualHost = usualHosts();
  return (request, response) => {
    const { method, url = '', headers } = request;
    if (!isUsualHost(headers.host)) return false;
    if (method === 'GET') {
      const q = usualQuery(url);
      if (q === undefined) return false;
      void answer(request, response, '/search', () => search(q));
      return true;
    }
    if (method !== 'POST' || url !== '/login' || !hasUsualBody(headers)) return false;
    void answer(request, response, '/login', async () =>
      login(parseJson(await bodyOf(request)), addressOf(request, trustProxy), headers['user-agent'] ?? ''),
    );
    return true;
  };
}

const end = (response: ServerResponse) => response.end();

/** Whether the router takes this `Host` as it is. Clients send the same one again and again: the last is not looked at twice. */
function usualHosts(): (host: string | undefined) => boolean {
  let known: string | undefined;
  return (host) => {
    if (host === undefined || host === known) return host !== undefined;
    if (!/^[a-z\d._-]+(:\d+)?$/.test(host) || !URL.canParse(`http://${host}`)) return false;
    if (new URL(`http://${host}`).hostname !== host.replace(/:\d+$/, '')) return false;
    known = host;
    return true;
  };
}

/** What is searched for, of a URL that has nothing but that. */
function usualQuery(url: string): string | undefined {
  const written = /^\/search\?q=([\w.~%+-]+)$/.exec(url)?.[1];
  if (written === undefined || !/[%+]/.test(written)) return written;
  try {
    return decodeURIComponent(written.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function hasUsualBody(headers: IncomingHttpHeaders): boolean {
  const length = Number(headers['content-length']);
  const isJson = headers['content-type'] === 'application/json' && headers['content-encoding'] === undefined;
  return isJson && length > 0 && length <= MOST_BODY_BYTES;
}

/** The body, whose length was announced: Node reads no more than that. */
function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.on('error', () => reject(incompleteBody()));
    request.on('close', () => {
      if (!request.readableEnded) reject(incompleteBody());
    });
  });
}
