import type { Duplex } from 'node:stream';
import type { Certificates } from './certificates.ts';

/** A connection to a port of a node. Has the few methods of a socket that `pg` calls. */
export interface Tunnel extends Duplex {
  /** Opens it. The event `connect` tells that it is open. */
  connect(): Tunnel;
  setNoDelay(): Tunnel;
  setKeepAlive(): Tunnel;
  ref(): Tunnel;
  unref(): Tunnel;
}

export type NodePort = 'sql' | 'http';

export interface KnownNode {
  /** e.g. the name of its pod. */
  readonly name: string;
  /** Whether a statement is worth a try there. */
  readonly ready: boolean;
  /** What is known of one that is not ready, e.g. `Pending, not ready`. */
  readonly state: string;
}

/** How the nodes of a database are reached: by port-forwards of Kubernetes, or at their addresses. */
export interface NodeAccess {
  /** Every node that is there, ready or not, by name. */
  nodes(): Promise<readonly KnownNode[]>;
  /** Of the certificate authority, and of root. */
  certificates(): Promise<Certificates>;
  /** A connection that is not open yet. */
  tunnel(node: string, port: NodePort): Tunnel;
  /** The name that the node's certificate holds for it. */
  host(node: string): string;
  /** How a person looks at the nodes, e.g. `kubectl -n crdb get pods`. */
  readonly lookAt: string;
}
