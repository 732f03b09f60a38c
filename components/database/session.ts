import type { Duplex } from 'node:stream';
import type { Client } from 'pg';
import { PORTS } from '../names.ts';
import { type Certificates, hostOf } from './certificates.ts';
import type { Kubernetes } from './kubernetes.ts';
import { plainClient } from './libpq.ts';
import type { Query } from './sql.ts';
import { tunnel } from './tunnel.ts';
import { within } from './waiting.ts';

/** An open SQL connection. */
export interface Session {
  readonly client: Pick<Client, 'query'>;
  /** Does not wait for the other side. */
  readonly close: () => void;
}

/** Opens a connection to a pod, with TLS verified: as root by its certificate, or as another user by its password. */
export async function openSession(
  kubernetes: Kubernetes,
  pod: string,
  { ca, cert, key }: Certificates,
  database: string,
  login: Query['login'],
  signal: AbortSignal,
): Promise<Session> {
  const stream = tunnel(kubernetes.kubeconfig, kubernetes.namespace, pod, PORTS.sql);
  const client = plainClient({
    // `pg` verifies the certificate for this name.
    host: hostOf(kubernetes, pod),
    port: PORTS.sql,
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
  // A connection that breaks while idle says so at its next statement; without a listener it would end this process.
  client.on('error', () => {});
  // A certificate that does not verify: `pg` hears first that the stream has ended, and would tell only that.
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
    await within(client.connect(), 25, pod, signal);
  } catch (error) {
    stream.destroy();
    await new Promise((resolve) => setImmediate(resolve));
    const reason = refused.reason ?? (error as Error);
    throw Object.assign(reason, { message: `${pod}: ${reason.message}` });
  }
  return { client, close };
}
