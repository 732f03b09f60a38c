import type { Duplex } from 'node:stream';
import type { Certificates } from './certificates.ts';

/** A connection to a port of a node, with the few methods of a socket that `pg` calls. */
export interface Tunnel extends Duplex {
  /** Opens it. The event `connect` says that it is open. */
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
  /** Whether a statement can be tried there. */
  readonly ready: boolean;
  /** State of a node that is not ready, e.g. `Pending, not ready`. */
  readonly state: string;
}

/** How to reach the nodes of a database: by port-forwards of Kubernetes, or at their addresses. */
export interface NodeAccess {
  /** Every existing node, ready or not, by name. */
  nodes(): Promise<readonly KnownNode[]>;
  /** The certificates of the CA and of root. */
  certificates(): Promise<Certificates>;
  /** A connection that is not open yet. */
  tunnel(node: string, port: NodePort): Tunnel;
  /** The node's name in its certificate. */
  host(node: string): string;
  /** Command with which a person looks at the nodes, e.g. `kubectl -n crdb get pods`. */
  readonly lookAt: string;
}
