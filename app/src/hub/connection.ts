import type { WebSocket } from 'ws';
import {
  type InvocationMessage,
  MessageType,
  ProtocolError,
  parseHandshake,
  parseMessage,
  RecordReader,
  type ServerMessage,
  serialise,
  serialiseHandshakeResponse,
} from './protocol.ts';

/** The connection that a hub method was called on. */
export interface Caller {
  readonly connectionId: string;
  /** For the methods' use, e.g. whether this connection is authorised. Gone with the connection. */
  readonly state: Map<string, unknown>;
  readonly remoteAddress: string | undefined;
}

/**
 * Arguments come from the network: check them. There are no more than the function has parameters; a call with more is refused. What it
 * returns must be JSON, or undefined for no result.
 */
export type HubMethod = (caller: Caller, ...args: unknown[]) => unknown;

/** The one error whose message the caller sees. Any other is reported to `onError`, and the caller learns only that it happened. */
export class HubError extends Error {
  override readonly name = 'HubError';
}

export interface ConnectionSettings {
  /** By their names in lower case: a call names a method in any case. */
  readonly methods: ReadonlyMap<string, HubMethod>;
  readonly keepAliveMs: number;
  readonly clientTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly maxMessageBytes: number;
  readonly maxQueuedBytes: number;
  readonly maxPendingInvocations: number;
  readonly onError: (error: unknown, target: string) => void;
}

export interface CloseOptions {
  /** WebSocket close code. */
  readonly code: number;
  /** Why, for the client: at most 123 bytes. Absent when nothing is wrong. */
  readonly error?: string;
  /** Whether a client with automatic reconnect should come back. */
  readonly allowReconnect: boolean;
}

/** A reader that has this much waiting does not keep up: what it may miss is not sent to it. */
const DROP_ABOVE_BYTES = 64 * 1024;

/** One client: handshake, its calls, timeouts in both directions, and the bound on what waits to be sent to it. */
export class Connection implements Caller {
  readonly connectionId: string;
  readonly state = new Map<string, unknown>();
  readonly remoteAddress: string | undefined;
  /** Resolves when the socket is closed. */
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #settings: ConnectionSettings;
  readonly #reader: RecordReader;
  readonly #keepAlive: NodeJS.Timeout;
  #deadline: NodeJS.Timeout;
  #ready = false;
  #closing = false;
  #pending = 0;

  constructor(
    socket: WebSocket,
    connectionId: string,
    remoteAddress: string | undefined,
    settings: ConnectionSettings,
  ) {
    this.#socket = socket;
    this.connectionId = connectionId;
    this.remoteAddress = remoteAddress;
    this.#settings = settings;
    this.#reader = new RecordReader(settings.maxMessageBytes);
    this.#deadline = this.#closeAfter(settings.handshakeTimeoutMs, 'The handshake did not come in time.');
    // A ping is only due when nothing else was sent for this long: every message restarts the interval.
    this.#keepAlive = setInterval(() => this.#write({ type: MessageType.Ping }), settings.keepAliveMs);
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#end();
        clearTimeout(this.#deadline);
        resolve();
      });
    });
    // An unreadable frame: `ws` has begun to close with the code for it, and 'close' follows.
    socket.on('error', () => this.#end());
    // Text and binary frames alike, as ASP.NET takes them: the Java client sends its JSON in binary ones.
    socket.on('message', (data: Buffer) => this.#receive(data));
  }

  /** Sends one serialised record. `droppable` ones are skipped while the client reads too slowly. */
  send(record: string | Buffer, droppable = false): void {
    if (!this.#ready || this.#closing || this.#socket.readyState !== this.#socket.OPEN) return;
    const queued = this.#socket.bufferedAmount;
    if (droppable && queued > Math.min(DROP_ABOVE_BYTES, this.#settings.maxQueuedBytes)) return;
    if (queued > this.#settings.maxQueuedBytes) {
      this.close({ code: 1013, error: 'The client reads too slowly.', allowReconnect: true });
      return;
    }
    this.#socket.send(record, { binary: false });
    this.#keepAlive.refresh();
  }

  /** Tells the client why, then closes the socket; a client that does not answer is cut off after `closeTimeoutMs`. */
  close({ code, error, allowReconnect }: CloseOptions): void {
    if (this.#closing) return;
    if (this.#socket.readyState === this.#socket.OPEN) {
      const close = { type: MessageType.Close, error, allowReconnect };
      this.#socket.send(
        this.#ready ? serialise(close) : serialiseHandshakeResponse(error ?? 'The server is closing.'),
      );
    }
    this.#end();
    this.#socket.close(code, error);
  }

  #end(): void {
    if (this.#closing) return;
    this.#closing = true;
    clearInterval(this.#keepAlive);
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#socket.terminate(), this.#settings.closeTimeoutMs);
  }

  #closeAfter(ms: number, error: string): NodeJS.Timeout {
    return setTimeout(() => this.close({ code: 1008, error, allowReconnect: true }), ms);
  }

  #write(message: ServerMessage): void {
    // A reader that was let go may have many calls in progress: their answers cost nothing any more.
    if (!this.#closing) this.send(serialise(message));
  }

  #receive(data: Buffer): void {
    if (this.#closing) return;
    // Not before the handshake: its time is not to be stretched by sending it in bits.
    if (this.#ready) this.#deadline.refresh();
    try {
      for (const record of this.#reader.push(data)) {
        this.#take(record);
        if (this.#closing) return;
      }
    } catch (error) {
      const known = error instanceof ProtocolError;
      if (!known) this.#settings.onError(error, '');
      this.close({
        code: known ? error.code : 1011,
        error: known ? error.message : 'The server failed.',
        allowReconnect: false,
      });
    }
  }

  #take(record: string): void {
    if (!this.#ready) {
      parseHandshake(record);
      clearTimeout(this.#deadline);
      this.#deadline = this.#closeAfter(
        this.#settings.clientTimeoutMs,
        'The client sent nothing for too long.',
      );
      this.#ready = true;
      this.send(serialiseHandshakeResponse());
      return;
    }
    const message = parseMessage(record);
    if (message?.type === MessageType.Close) {
      this.#end();
      this.#socket.close(1000);
    } else if (message !== undefined) {
      void this.#invoke(message);
    }
  }

  async #invoke(message: InvocationMessage): Promise<void> {
    const { invocationId, target } = message;
    // A caller without an id wants no answer, not even of an error.
    const complete = (outcome: { result?: unknown; error?: string }) => {
      if (invocationId !== undefined) this.#write({ type: MessageType.Completion, invocationId, ...outcome });
    };
    this.#pending++;
    try {
      complete({ result: await this.#method(message)(this, ...message.arguments) });
    } catch (error) {
      if (error instanceof HubError) {
        complete({ error: error.message });
      } else {
        this.#settings.onError(error, target);
        complete({ error: `'${target}' failed on the server.` });
      }
    } finally {
      this.#pending--;
    }
  }

  #method({ type, target, hasStreams, arguments: { length } }: InvocationMessage): HubMethod {
    const { methods, maxPendingInvocations } = this.#settings;
    const method = methods.get(target.toLowerCase());
    if (method === undefined) throw new HubError(`'${target}' is not a method.`);
    if (type === MessageType.StreamInvocation || hasStreams) throw new HubError('Streams are not supported.');
    if (this.#pending > maxPendingInvocations) {
      throw new HubError(`More than ${maxPendingInvocations} calls are in progress on this connection.`);
    }
    // The first parameter is the caller.
    const expected = Math.max(0, method.length - 1);
    if (length > expected) {
      // In the words of ASP.NET with detailed errors.
      const why = `InvalidDataException: Invocation provides ${length} argument(s) but target expects ${expected}.`;
      throw new HubError(`Failed to invoke '${target}' due to an error on the server. ${why}`);
    }
    return method;
  }
}
