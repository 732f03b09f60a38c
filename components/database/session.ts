import type { Duplex } from 'node:stream';
import type { Client } from 'pg';
import type { NodeAccess } from './access.ts';
import type { Certificates } from './certificates.ts';
import { plainClient } from './libpq.ts';
import type { Query } from './sql.ts';
import { within } from './waiting.ts';

/** An open SQL connection. */
export interface Session {
  readonly client: Pick<Client, 'query'>;
  /**
   * Does not wait for the other side. A statement in progress ends with it: CockroachDB cancels what a connection runs as soon as the
   * connection is closed. Source: `pkg/sql/pgwire/conn.go` (the reader's end cancels the processor's context).
   */
  readonly close: () => void;
}

/** Opens a connection to a node, with TLS verified: as root by its certificate, or as another user by its password. */
export async function openSession(
  access: NodeAccess,
  node: string,
  { ca, cert, key }: Certificates,
  database: string,
  login: Query['login'],
  signal: AbortSignal,
): Promise<Session> {
  const stream = access.tunnel(node, 'sql');
  const client = plainClient({
    // `pg` verifies the certificate for this name.
    host: access.host(node),
    database,
    user: login?.user ?? 'root',
    ...(login ? { password: login.password } : {}),
    ssl: { ca, rejectUnauthorized: true, ...(login ? {} : { cert, key }) },
    stream: () => stream,
    application_name: 'evolution',
    connectionTimeoutMillis: 20_000,
    // Text is all that is needed, and the same for every type.
    types: { getTypeParser: () => (value: string) => value } as never,
  });
  // A connection that breaks while idle fails at its next statement. Without a listener, the event would end this process.
  client.on('error', () => {});
  // When a certificate does not verify, `pg` first sees the end of the stream, and would report only that.
  const refused: { reason?: Error } = {};
  const { connection } = client as unknown as {
    connection: { stream: Duplex; once(event: string, then: () => void): void };
  };
  connection.once('sslconnect', () => {
    connection.stream.once('error', (error) => {
      refused.reason = error;
    });
  });
  const close = () => {
    client.end().catch(() => {});
    // `end` waits for the other side, which may be gone.
    setTimeout(() => stream.destroy(), 1000).unref();
  };
  try {
    await within(client.connect(), 25, node, signal);
  } catch (error) {
    stream.destroy();
    await new Promise((resolve) => setImmediate(resolve));
    const reason = refused.reason ?? (error as Error);
    throw Object.assign(reason, { message: `${node}: ${reason.message}` });
  }
  return { client, close };
}
