import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ServerType } from '@hono/node-server';
import type { Env, Hono } from 'hono';
import { WebSocketServer } from 'ws';
import { unknownHost } from '../api-error.ts';
import { isOtherSite, type KnownHost } from '../hosts.ts';
import { socketAddress } from '../node-request.ts';
import type { Hub } from './hub.ts';

/** What mounting needs of a hub, whatever its clients' methods. */
type MountableHub = Pick<Hub, 'negotiate' | 'refusal' | 'accept' | 'maxFrameBytes'>;

/**
 * Serves `hub` at `path`: `POST <path>/negotiate` as a route of `app`, WebSockets at `path` on `server`. Call it right after
 * `serve()`, which gives `server`; call `hub.close()` before `server.close()`, which waits for open sockets.
 *
 * `isKnownHost` says which `Host` it is served under; all, when absent.
 *
 * `upgradeWebSocket` of @hono/node-server is not used: it leaves every other kind of `Upgrade` request unanswered for ever.
 */
export function mountHub<E extends Env>(
  app: Hono<E>,
  server: ServerType,
  hub: MountableHub,
  path: string,
  isKnownHost: KnownHost = () => true,
): void {
  app.post(`${path}/negotiate`, (c) => {
    if (!isKnownHost(c.req.header('host'))) {
      const error = unknownHost();
      return c.json(error.body, error.status);
    }
    if (isOtherSite(c.req.header('origin'), c.req.header('host'))) {
      const message =
        'Pages of other origins may not connect. Open the page on the host that serves the hub.';
      return c.json({ error: { code: 'cross_origin', message } }, 403);
    }
    const version = Number(c.req.query('negotiateVersion') ?? 0);
    return c.json(hub.negotiate(version, socketAddress(c)));
  });

  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: hub.maxFrameBytes,
  });
  // Node 24.9 and later ask; before, every request with an `Upgrade` header comes to the listener.
  Object.assign(server, { shouldUpgradeCallback: asksForWebSocket });
  (server as Server).on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!asksForWebSocket(request)) return serveWithoutUpgrade(server, request, socket, head);
    const target = request.url ?? '';
    if (!URL.canParse(target, 'http://host')) return refuse(socket, 400);
    const url = new URL(target, 'http://host');
    if (url.pathname !== path) return refuse(socket, 404);
    const { host, origin } = request.headers;
    if (!isKnownHost(host) || isOtherSite(origin, host)) return refuse(socket, 403);
    const connectionToken = url.searchParams.get('id');
    const status = hub.refusal(connectionToken, request.socket.remoteAddress);
    if (status !== undefined) return refuse(socket, status);
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      hub.accept(webSocket, { connectionToken, remoteAddress: request.socket.remoteAddress }),
    );
  });
}

function asksForWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}

function refuse(socket: Duplex, status: number): void {
  socket.on('error', () => {});
  // Not left half open: a client that never closes its side would keep `server.close()` waiting.
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/**
 * For a request that offers another protocol, such as `Upgrade: h2c` of curl and of Java's client. The standard lets a server
 * ignore the offer (RFC 9110, 7.8), so the request goes back to the HTTP server without it.
 */
function serveWithoutUpgrade(
  server: ServerType,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`, 'Connection: close'];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i] ?? '';
    if (/^(connection|upgrade|http2-settings)$/i.test(name)) continue;
    lines.push(`${name}: ${request.rawHeaders[i + 1]}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}
