import { createServer } from 'node:net';
import { Failure } from './failure.ts';

export const HOST = '127.0.0.1';
const MOST_TRIES = 20;

/** A port that nothing listens on, chosen by the system. */
export async function anyFreePort(): Promise<number> {
  const port = await listenOnce(0);
  if (port === null) throw new Failure(`No free port on ${HOST}.`);
  return port;
}

/** The wanted port, or the next one above it that is free. Throws a Failure when 20 in a row are taken. */
export async function freePortFrom(wanted: number): Promise<number> {
  const last = Math.min(wanted + MOST_TRIES - 1, 65_535);
  for (let port = wanted; port <= last; port++) {
    if (await isFree(port)) return port;
  }
  throw new Failure(`Ports ${wanted} to ${last} are all in use. Give another one with --port.`);
}

export async function isFree(port: number): Promise<boolean> {
  return (await listenOnce(port)) !== null;
}

/** The port that was listened on, null when it could not be. */
function listenOnce(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, HOST, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? null) : null));
    });
  });
}
