import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import { Connection, type ConnectionSettings, type HubMethod } from './connection.ts';
import { MessageType, serialise } from './protocol.ts';

export { type Caller, HubError, type HubMethod } from './connection.ts';

export interface HubOptions extends Partial<Omit<ConnectionSettings, 'methods'>> {
  /** By name; the names differ in more than their case. */
  readonly methods: Readonly<Record<string, HubMethod>>;
  /** Further clients are refused. Default 200. */
  readonly maxConnections?: number;
  /**
   * Further clients of one address are refused. Default three quarters of `maxConnections`: one that opens connections without end leaves
   * places for others, and an audience behind one address (a port-forward, a proxy, a venue's network) has nearly all of them.
   */
  readonly maxPerAddress?: number;
}

export type NegotiateResponse =
  | {
      readonly connectionId: string;
      /** From version 1: the secret that the WebSocket request brings as `id`. */
      readonly connectionToken?: string;
      readonly negotiateVersion: number;
      readonly availableTransports: readonly { transport: string; transferFormats: readonly string[] }[];
    }
  | { readonly error: string };

const DEFAULTS = {
  /** A ping is sent when nothing else was for this long. */
  keepAliveMs: 15_000,
  /** A client that sends nothing for this long is gone. */
  clientTimeoutMs: 30_000,
  /** For the handshake, and between negotiation and WebSocket. */
  handshakeTimeoutMs: 15_000,
  /** How long a client may take to answer that it closes too. */
  closeTimeoutMs: 5_000,
  /** One incoming message. */
  maxMessageBytes: 32 * 1024,
  /** What may wait for one slow reader; a single message may go above it. */
  maxQueuedBytes: 1024 * 1024,
  /** Calls in progress on one connection; further ones are answered with an error. */
  maxPendingInvocations: 100,
  maxConnections: 200,
  /** Gets what methods throw, other than `HubError`, with the method's name. */
  onError: (_error: unknown, _target: string): void => {},
};

const LATEST_NEGOTIATE_VERSION = 1;
/** Above this the oldest negotiation is forgotten, so that asking again and again cannot fill the memory. */
const MAX_NEGOTIATIONS = 1000;

const newToken = () => randomBytes(24).toString('base64url');

/**
 * The server side of the SignalR hub protocol over WebSockets. `Client` types what `send` can call on the clients.
 *
 * Calls of one connection start in the order in which they came, and do not wait for each other.
 */
export class Hub<
  Client extends Record<keyof Client, (...args: never[]) => void> = Record<
    string,
    (...args: unknown[]) => void
  >,
> {
  readonly #settings: ConnectionSettings & { readonly maxConnections: number };
  readonly #maxPerAddress: number;
  /** By token, so that none is used twice at a time. */
  readonly #connections = new Map<string, Connection>();
  /** By token, oldest first. */
  readonly #negotiations = new Map<string, { connectionId: string; expiresAt: number }>();
  #closed = false;

  constructor(options: HubOptions) {
    const methods = Object.entries(options.methods).map(
      ([name, method]) => [name.toLowerCase(), method] as const,
    );
    this.#settings = { ...DEFAULTS, ...options, methods: new Map(methods) };
    this.#maxPerAddress = options.maxPerAddress ?? Math.ceil(this.#settings.maxConnections * 0.75);
  }

  /** Clients connected, those before their handshake included. */
  get connections(): number {
    return this.#connections.size;
  }

  /** For the WebSocket server. Larger than one message: a client sends what gathered during one send as one frame. */
  get maxFrameBytes(): number {
    return 4 * this.#settings.maxMessageBytes;
  }

  /** The answer to `POST <hub>/negotiate`; `version` is what the client requests, `address` where it requests from. */
  negotiate(version: number = LATEST_NEGOTIATE_VERSION, address?: string): NegotiateResponse {
    if (!Number.isInteger(version) || version < 0)
      return { error: 'The negotiateVersion is not a number from 0.' };
    if (this.#closed) return { error: 'The server is closing.' };
    // The page knows it by the code.
    if (this.refusal(null, address) !== undefined)
      return { error: 'hub_full: The server takes no more connections at the moment.' };
    for (const oldest of this.#negotiations.keys()) {
      if (this.#negotiations.size < MAX_NEGOTIATIONS) break;
      this.#negotiations.delete(oldest);
    }
    const negotiateVersion = Math.min(version, LATEST_NEGOTIATE_VERSION);
    const connectionToken = newToken();
    // Version 0 knows no token: there the id itself is the secret.
    const connectionId = negotiateVersion === 0 ? connectionToken : newToken();
    this.#negotiations.set(connectionToken, {
      connectionId,
      expiresAt: performance.now() + this.#settings.handshakeTimeoutMs,
    });
    return {
      connectionId,
      ...(negotiateVersion === 0 ? {} : { connectionToken }),
      negotiateVersion,
      availableTransports: [{ transport: 'WebSockets', transferFormats: ['Text'] }],
    };
  }

  /** The HTTP status to refuse a WebSocket with; undefined when it may come in. `null` is a client that did not negotiate. */
  refusal(connectionToken: string | null, address?: string): 404 | 409 | 503 | undefined {
    if (this.#closed || this.#connections.size >= this.#settings.maxConnections) return 503;
    if (address !== undefined && this.#connectionsFrom(address) >= this.#maxPerAddress) return 503;
    if (connectionToken === null) return undefined;
    if (this.#connections.has(connectionToken)) return 409;
    const negotiation = this.#negotiations.get(connectionToken);
    return negotiation !== undefined && negotiation.expiresAt > performance.now() ? undefined : 404;
  }

  #connectionsFrom(address: string): number {
    let count = 0;
    for (const { remoteAddress } of this.#connections.values()) if (remoteAddress === address) count += 1;
    return count;
  }

  /** Takes over an open socket. One that `refusal` speaks against is closed. */
  accept(
    socket: WebSocket,
    request: { connectionToken: string | null; remoteAddress?: string | undefined },
  ): void {
    const status = this.refusal(request.connectionToken, request.remoteAddress);
    if (status !== undefined) {
      socket.on('error', () => {});
      socket.close(status === 503 ? 1013 : 1008);
      return;
    }
    if (socket.readyState !== socket.OPEN) return;
    const token = request.connectionToken ?? newToken();
    const connectionId = this.#negotiations.get(token)?.connectionId ?? newToken();
    this.#negotiations.delete(token);
    const connection = new Connection(socket, connectionId, request.remoteAddress, this.#settings);
    this.#connections.set(token, connection);
    void connection.closed.then(() => this.#connections.delete(token));
  }

  /**
   * Calls `target` on every client. A `droppable` call is skipped for clients that read too slowly; without it, such a client
   * is disconnected when more than `maxQueuedBytes` wait for it.
   *
   * @throws TypeError when the arguments hold what JSON cannot.
   */
  send<Target extends keyof Client & string>(
    target: Target,
    args: Readonly<Parameters<Client[Target]>>,
    { droppable = false }: { droppable?: boolean } = {},
  ): void {
    if (this.#connections.size === 0) return;
    const record = Buffer.from(serialise({ type: MessageType.Invocation, target, arguments: args }));
    for (const connection of this.#connections.values()) connection.send(record, droppable);
  }

  /** Takes no more clients, asks the present ones to reconnect (to another instance), and waits until they are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    const connections = [...this.#connections.values()];
    for (const connection of connections) connection.close({ code: 1001, allowReconnect: true });
    await Promise.all(connections.map((connection) => connection.closed));
  }
}
