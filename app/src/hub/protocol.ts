/**
 * The records of the SignalR hub protocol, JSON encoding, version 1: what a client sends is parsed, what the server sends is
 * serialised. Nothing here knows of sockets.
 *
 * Specification: https://github.com/dotnet/aspnetcore/blob/main/src/SignalR/docs/specs/HubProtocol.md
 */

const RECORD_SEPARATOR = '\x1e';

export const MessageType = {
  Invocation: 1,
  StreamItem: 2,
  Completion: 3,
  StreamInvocation: 4,
  CancelInvocation: 5,
  Ping: 6,
  Close: 7,
} as const;

export interface InvocationMessage {
  readonly type: typeof MessageType.Invocation | typeof MessageType.StreamInvocation;
  /** Absent when the caller wants no answer (a non-blocking invocation). */
  readonly invocationId: string | undefined;
  readonly target: string;
  readonly arguments: readonly unknown[];
  /** Whether the caller sends streams along with the arguments. */
  readonly hasStreams: boolean;
}

export interface CloseMessage {
  readonly type: typeof MessageType.Close;
  readonly error?: string | undefined;
  readonly allowReconnect?: boolean;
}

export type ServerMessage =
  | { type: typeof MessageType.Invocation; target: string; arguments: readonly unknown[] }
  | { type: typeof MessageType.Completion; invocationId: string; result?: unknown; error?: string }
  | { type: typeof MessageType.Ping }
  | CloseMessage;

/** A client broke the protocol. The message is short, and fit for the client's eyes and for a WebSocket close frame (123 bytes). */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  /** WebSocket close code. */
  readonly code: number;

  constructor(message: string, code = 1002) {
    super(message);
    this.code = code;
  }
}

/** @throws TypeError when the message holds what JSON cannot (a cycle, a bigint). */
export function serialise(message: ServerMessage): string {
  return JSON.stringify(message) + RECORD_SEPARATOR;
}

export function serialiseHandshakeResponse(error?: string): string {
  return JSON.stringify({ error }) + RECORD_SEPARATOR;
}

/** @throws ProtocolError when the record is not a handshake, or requests a protocol that this server does not speak. */
export function parseHandshake(record: string): void {
  const { protocol, version } = parseObject(record);
  if (typeof protocol !== 'string') throw new ProtocolError('The first message must be a handshake.');
  if (protocol !== 'json' || version !== 1) {
    throw new ProtocolError("This server speaks the protocol 'json' in version 1 only.");
  }
}

/**
 * The message in a record when it asks something of the server; undefined for the others: pings, cancellations (they may be
 * ignored, the Completion comes anyway), items of streams that were refused, and types that this version does not know.
 *
 * @throws ProtocolError when the record is malformed.
 */
export function parseMessage(record: string): InvocationMessage | CloseMessage | undefined {
  const message = parseObject(record);
  const { type, target } = message;
  if (typeof type !== 'number') throw new ProtocolError('A message has no type.');
  switch (type) {
    case MessageType.Invocation:
    case MessageType.StreamInvocation: {
      if (typeof target !== 'string') throw new ProtocolError('An invocation has no target.');
      if (!Array.isArray(message.arguments)) throw new ProtocolError('An invocation has no arguments.');
      const invocationId = message.invocationId ?? undefined;
      if (invocationId !== undefined || type === MessageType.StreamInvocation) assertId(invocationId);
      const hasStreams = Array.isArray(message.streamIds) && message.streamIds.length > 0;
      return { type, invocationId, target, arguments: message.arguments, hasStreams };
    }
    case MessageType.StreamItem:
    case MessageType.Completion:
    case MessageType.CancelInvocation:
      assertId(message.invocationId);
      return undefined;
    case MessageType.Close:
      return { type };
    default:
      return undefined;
  }
}

function parseObject(record: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(record);
  } catch {
    throw new ProtocolError('A message is not valid JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ProtocolError('A message is not a JSON object.');
  }
  return value as Record<string, unknown>;
}

function assertId(id: unknown): asserts id is string {
  if (typeof id !== 'string' || id === '')
    throw new ProtocolError('An invocationId is not a non-empty string.');
}

/**
 * Cuts frames into records. Clients end each frame with a separator and may put several records into one; a record that goes on
 * in the next frame is put together, as the reference server does.
 */
export class RecordReader {
  readonly #maxBytes: number;
  // A binary frame may end within a character. A byte order mark is no JSON, so it is kept, and refused as such.
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #rest = '';
  #restBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The records that this frame completes. @throws ProtocolError at a record above `maxBytes` (1009), and at what is not UTF-8 (1007). */
  *push(frame: Uint8Array): Generator<string> {
    const parts = this.#text(frame).split(RECORD_SEPARATOR);
    for (const [index, part] of parts.entries()) {
      this.#rest += part;
      this.#restBytes += Buffer.byteLength(part);
      if (this.#restBytes > this.#maxBytes) {
        throw new ProtocolError(`A message is larger than ${this.#maxBytes} bytes.`, 1009);
      }
      if (index === parts.length - 1) return;
      const record = this.#rest;
      this.#rest = '';
      this.#restBytes = 0;
      yield record;
    }
  }

  #text(frame: Uint8Array): string {
    try {
      return this.#utf8.decode(frame, { stream: true });
    } catch {
      throw new ProtocolError('A message is not UTF-8.', 1007);
    }
  }
}
