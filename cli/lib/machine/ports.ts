import { createServer, type Server } from 'node:net';
import { cliError } from '../errors.ts';

// The package get-port is not used: if no port of the wanted range is free it takes any other, and the user would not find the page.
export const HOST = '127.0.0.1';
const MOST_TRIES = 20;

/** A port that nothing listens on, chosen by the system. */
export async function anyFreePort(): Promise<number> {
  const port = await listenOnce(0);
  if (port === null) throw cliError('EVO-943', { host: HOST, problem: 'the system has none' });
  return port;
}

/** Distinct ports that nothing listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  try {
    // All stay open until the last one is found: the system may choose a closed one again.
    return await Promise.all(servers.map((server) => listen(server)));
  } catch (error) {
    throw cliError('EVO-943', { host: HOST, problem: `${count} are needed: ${(error as Error).message}` });
  } finally {
    for (const server of servers) server.close();
  }
}

/** The wanted port, or the next one above it that is free. Throws a CliError when 20 in a row are taken. */
export async function freePortFrom(wanted: number): Promise<number> {
  const last = Math.min(wanted + MOST_TRIES - 1, 65_535);
  for (let port = wanted; port <= last; port++) {
    if (await isFree(port)) return port;
  }
  throw cliError('EVO-942', { first: wanted, last });
}

export async function isFree(port: number): Promise<boolean> {
  return (await listenOnce(port)) !== null;
}

/** The port that was listened on, null when it could not be. */
async function listenOnce(wanted: number): Promise<number | null> {
  const server = createServer();
  const port = await listen(server, wanted).catch(() => null);
  if (port !== null) await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Returns the port. The system chooses it when none is wanted. */
function listen(server: Server, wanted = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(wanted, HOST, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('no port'));
      else resolve(address.port);
    });
  });
}
