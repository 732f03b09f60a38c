import * as http from 'node:http';
import * as tls from 'node:tls';
import type { NodeAccess } from './access.ts';
import { within } from './waiting.ts';

const ANSWER_SECONDS = 15;

/** Gets a page from a node's HTTPS port, and verifies its certificate. These pages need no login. */
export function getPage(
  access: NodeAccess,
  node: string,
  ca: string,
  path: string,
  signal: AbortSignal,
): Promise<{ status: number; body: string }> {
  const stream = access.tunnel(node, 'http');
  const host = access.host(node);
  const answer = new Promise<{ status: number; body: string }>((resolve, reject) => {
    stream.on('error', reject);
    stream.once('connect', () => {
      const socket = tls.connect({ socket: stream, servername: host, ca, rejectUnauthorized: true });
      socket.on('error', reject);
      const request = http.get({ path, headers: { host }, createConnection: () => socket }, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
        response.on('error', reject);
      });
      request.on('error', reject);
    });
    stream.connect();
  });
  return within(answer, ANSWER_SECONDS, node, signal).finally(() => stream.destroy());
}
