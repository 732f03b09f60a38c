import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import type { NodeAccess, NodePort, Tunnel } from './access.ts';
import type { Certificates } from './certificates.ts';
import { stop } from './waiting.ts';

/** Where a node listens. */
export interface NodeAddress {
  /** Its name in messages. */
  readonly name: string;
  /** Host to connect to, which the node's certificate names, e.g. `localhost`. */
  readonly host: string;
  readonly ports: Readonly<Record<NodePort, number>>;
}

export interface AddressAccessOptions {
  /** Called each time, because nodes may join. */
  readonly nodes: () => readonly NodeAddress[];
  /** The files of the CA and of root. */
  readonly files: Readonly<Record<keyof Certificates, string>>;
  readonly lookAt: string;
}

/** The files of root in a directory that `cockroach cert` has filled. */
export function rootFiles(certsDir: string): AddressAccessOptions['files'] {
  return {
    ca: `${certsDir}/ca.crt`,
    cert: `${certsDir}/client.root.crt`,
    key: `${certsDir}/client.root.key`,
  };
}

/** Nodes at their addresses, without Kubernetes. */
export function addressAccess({ nodes, files, lookAt }: AddressAccessOptions): NodeAccess {
  const find = (name: string): NodeAddress => {
    const found = nodes().find((node) => node.name === name);
    if (found === undefined) throw new Error(`there is no node ${name}`);
    return found;
  };
  const read = (file: string): string => {
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      throw stop(`The certificate ${file} cannot be read: ${(error as Error).message}.`);
    }
  };
  return {
    // Only the node itself knows whether it is ready: if it is not, it refuses the connection or the login, and the next one is tried.
    nodes: async () => nodes().map(({ name }) => ({ name, ready: true, state: 'not ready' })),
    certificates: async () => ({ ca: read(files.ca), cert: read(files.cert), key: read(files.key) }),
    tunnel: (name, port) => {
      const { host, ports } = find(name);
      return dial(host, ports[port]);
    },
    host: (name) => find(name).host,
    lookAt,
  };
}

/** A connection to an address that is not open yet. */
export const dial = (host: string, port: number): Tunnel => new Dial(host, port);

/** A socket with a fixed destination. */
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
