import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { NodeAccess, NodePort } from './access.ts';
import { stop } from './waiting.ts';

/** Where a node listens. */
export interface NodeAddress {
  /** What it is called in messages. */
  readonly name: string;
  /** Of the machine, for a connection and in the node's certificate, e.g. `localhost`. */
  readonly host: string;
  readonly ports: Readonly<Record<NodePort, number>>;
}

export interface AddressAccessOptions {
  /** Asked anew each time: nodes may join. */
  readonly nodes: () => readonly NodeAddress[];
  /** As `cockroach cert` fills it: `ca.crt`, `client.root.crt`, `client.root.key`. */
  readonly certsDir: string;
  readonly lookAt: string;
}

/** Nodes at their addresses, without Kubernetes. */
export function addressAccess({ nodes, certsDir, lookAt }: AddressAccessOptions): NodeAccess {
  const find = (name: string): NodeAddress => {
    const found = nodes().find((node) => node.name === name);
    if (found === undefined) throw new Error(`there is no node ${name}`);
    return found;
  };
  const read = (file: string): string => {
    try {
      return readFileSync(join(certsDir, file), 'utf8');
    } catch (error) {
      throw stop(`The certificate ${join(certsDir, file)} cannot be read: ${(error as Error).message}.`);
    }
  };
  return {
    // Only the node itself knows whether it is ready: one that is not refuses the connection or the login, and the next is tried.
    nodes: async () => nodes().map(({ name }) => ({ name, ready: true, state: 'not ready' })),
    certificates: async () => ({
      ca: read('ca.crt'),
      cert: read('client.root.crt'),
      key: read('client.root.key'),
    }),
    tunnel: (name, port) => {
      const { host, ports } = find(name);
      return new Dial(host, ports[port]);
    },
    host: (name) => find(name).host,
    lookAt,
  };
}

/** A socket that knows where it leads. */
class Dial extends Socket {
  readonly #host: string;
  readonly #port: number;

  constructor(host: string, port: number) {
    super();
    this.#host = host;
    this.#port = port;
  }

  override connect(): this {
    return super.connect(this.#port, this.#host);
  }
}
