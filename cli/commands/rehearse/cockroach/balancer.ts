import { connect, createServer, type Server, type Socket } from 'node:net';
import { HOST } from '../../../lib/machine/ports.ts';

export interface Target {
  readonly name: string;
  readonly port: number;
}

/** A node that takes no connection within this time is left out, and the next one is tried. Milliseconds. */
const CONNECT_MS = 1000;

/**
 * Plays the part of a Service of Kubernetes on this machine: one address, and behind it every node that is ready. Unlike one, it has an
 * order of preference, so that everybody can see which node serves whom. It passes bytes on, and knows nothing of what they say.
 */
export class Balancer {
  readonly #targets: () => readonly Target[];
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #last: string | null = null;

  /** `targets`: the nodes that are ready, in the order of preference, asked again for each connection. */
  constructor(targets: () => readonly Target[]) {
    this.#targets = targets;
    this.#server = createServer((client) => void this.#serve(client));
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, HOST, () => resolve());
    });
  }

  /** The node that the newest connection leads to, while one is there. */
  get node(): string | null {
    return this.#open.size === 0 ? null : this.#last;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }

  async #serve(client: Socket): Promise<void> {
    this.#open.add(client);
    client.once('close', () => this.#open.delete(client));
    client.on('error', () => client.destroy());
    for (const target of this.#targets()) {
      const node = await open(target.port);
      if (node === null) continue;
      if (client.destroyed) {
        node.destroy();
        return;
      }
      this.#last = target.name;
      node.on('error', () => client.destroy());
      node.once('close', () => client.destroy());
      client.once('close', () => node.destroy());
      client.setNoDelay(true);
      client.pipe(node);
      node.pipe(client);
      return;
    }
    client.destroy();
  }
}

/** Null when nobody answers. */
function open(port: number): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: HOST, noDelay: true });
    const give = (result: Socket | null) => {
      clearTimeout(limit);
      if (result === null) socket.destroy();
      resolve(result);
    };
    const limit = setTimeout(give, CONNECT_MS, null);
    socket.once('connect', () => give(socket));
    socket.once('error', () => give(null));
  });
}
