import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What one client has sent, in order: the text of each statement, and for each use of a prepared one its name. */
export type Session = string[];

/**
 * A relay to a PostgreSQL that keeps, for each session, the one rule of CockroachDB which PostgreSQL does not have: while
 * `default_transaction_use_follower_reads` is on, as it is here when a session begins, a transaction that is to write is refused with
 * 42601. Source: CockroachDB's own test, pkg/ccl/logictestccl/testdata/logic_test/as_of. Without TLS.
 */
export class FollowerReads {
  readonly sessions: Session[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(target: number) {
    this.#server = createServer((client) => this.#serve(client, target));
  }

  /** `target` is the port of the PostgreSQL on loopback. */
  static async start(target: number): Promise<FollowerReads> {
    const relay = new FollowerReads(target);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(client: Socket, target: number): void {
    const upstream = connect(target, '127.0.0.1');
    const session: Session = [];
    this.sessions.push(session);
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    upstream.on('data', (data) => client.write(data));
    let followerReads = true;
    const messages = frontendMessages();
    client.on('data', (data) => {
      for (const { type, body, whole } of messages(data)) {
        const text = statementOf(type, body);
        if (text !== undefined) session.push(text);
        const switched = /^SET default_transaction_use_follower_reads = (on|off)$/.exec(text ?? '');
        if (switched) {
          followerReads = switched[1] === 'on';
          client.write(Buffer.concat([message('C', 'SET\0'), READY]));
        } else if (followerReads && text === 'BEGIN READ WRITE') client.write(REFUSED);
        else upstream.write(whole);
      }
    });
  }
}

interface FrontendMessage {
  /** Empty for the start of a session, which has none. */
  readonly type: string;
  readonly body: Buffer;
  readonly whole: Buffer;
}

/** Cuts what a client sends into its messages. */
function frontendMessages(): (data: Buffer) => FrontendMessage[] {
  let rest: Buffer = Buffer.alloc(0);
  let begun = false;
  return (data) => {
    rest = Buffer.concat([rest, data]);
    const found: FrontendMessage[] = [];
    for (;;) {
      const head = begun ? 1 : 0;
      if (rest.length < head + 4) return found;
      const end = head + rest.readInt32BE(head);
      if (rest.length < end) return found;
      found.push({
        type: begun ? String.fromCharCode(rest[0] ?? 0) : '',
        body: rest.subarray(head + 4, end),
        whole: rest.subarray(0, end),
      });
      rest = rest.subarray(end);
      begun = true;
    }
  };
}

/** What a simple query (Q) or a preparation (P, after its name) holds, and whose name one use of it has (B, after its portal). */
function statementOf(type: string, body: Buffer): string | undefined {
  const texts = body.toString().split('\0');
  return { Q: texts[0], P: texts[1], B: texts[1] }[type];
}

function message(type: string, body: string): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(4 + Buffer.byteLength(body), 1);
  return Buffer.concat([head, Buffer.from(body)]);
}

/** Ready, outside of a transaction. */
const READY = message('Z', 'I');
const REFUSED = Buffer.concat([
  message('E', 'SERROR\0C42601\0MAS OF SYSTEM TIME specified with READ WRITE mode\0\0'),
  READY,
]);
