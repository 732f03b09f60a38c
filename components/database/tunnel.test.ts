import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import * as net from 'node:net';
import { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { Scratch } from '../../cli/lib/machine/scratch.ts';
import type { Kubernetes } from './kubernetes.ts';
import { kubernetesAccess } from './kubernetes-access.ts';
import { getPage } from './page.ts';
import { testRun } from './recorder.testing.ts';
import { openSession } from './session.ts';
import { tunnel } from './tunnel.ts';

// An API server that speaks the port-forward protocol of Kubernetes (v4.channel.k8s.io): each message begins with its channel, 0 for
// data and 1 for errors, and the first of each channel is the port's number.
const scratch = new Scratch();
const paths: string[] = [];
let forward: (socket: WebSocket) => void;
let api: Server;
let kubeconfig: KubeConfig;

const send = (socket: WebSocket, channel: number, data: Buffer | string) =>
  socket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(data)]));

beforeAll(async () => {
  api = createHttpServer();
  new WebSocketServer({ server: api }).on('connection', (socket, request) => {
    paths.push(request.url ?? '');
    for (const channel of [0, 1]) send(socket, channel, Buffer.from([0, 80]));
    forward(socket);
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  const { port } = api.address() as net.AddressInfo;
  kubeconfig = new KubeConfig();
  kubeconfig.loadFromClusterAndUser(
    { name: 'test', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: 'me' },
  );
});

afterAll(() => {
  api.closeAllConnections();
  api.close();
  scratch.remove();
});

/** What comes out of a tunnel that sends this text, up to its end or its error. */
async function exchange(text: string): Promise<string> {
  const stream = tunnel(kubeconfig, 'crdb', 'crdb-0', 26257).connect();
  let received = '';
  stream.on('data', (chunk) => {
    received += chunk;
  });
  stream.write(text);
  return new Promise((resolve) => {
    stream.on('end', () => resolve(received));
    stream.on('error', (error) => resolve(error.message));
  });
}

describe('a tunnel', () => {
  it('carries bytes both ways, without the channel and the port, until the pod closes it', async () => {
    forward = (socket) =>
      socket.on('message', (data: Buffer) => {
        send(socket, 0, data.subarray(1).toString().toUpperCase());
        socket.close();
      });
    expect(await exchange('hello')).toBe('HELLO');
    expect(paths.at(-1)).toBe('/api/v1/namespaces/crdb/pods/crdb-0/portforward?ports=26257');
  });

  it('fails with what the kubelet says', async () => {
    forward = (socket) => send(socket, 1, 'connect: connection refused\n');
    expect(await exchange('')).toBe('the port-forward to crdb-0:26257 failed: connect: connection refused');
  });

  it('fails when the API server takes no port-forward', async () => {
    const other = new KubeConfig();
    const { port } = await unusedPort();
    other.loadFromClusterAndUser(
      { name: 'test', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
      { name: 'me' },
    );
    const error = await new Promise<Error>((resolve) =>
      tunnel(other, 'crdb', 'crdb-0', 26257).connect().on('error', resolve),
    );
    expect(error.message).toMatch(/^the port-forward to crdb-0:26257 did not open: .*ECONNREFUSED/);
  });

  it('closes the port-forward when it is destroyed', async () => {
    const closed = new Promise<void>((resolve) => {
      forward = (socket) => socket.on('close', () => resolve());
    });
    const stream = tunnel(kubeconfig, 'crdb', 'crdb-0', 26257).connect();
    stream.once('connect', () => stream.destroy());
    await closed;
  });
});

/** Two streams, each reading what is written to the other. */
function duplexPair(): [Duplex, Duplex] {
  const ends: Duplex[] = [];
  for (const other of [1, 0])
    ends.push(
      new Duplex({
        read() {},
        write: (chunk, _, done) => {
          ends[other]?.push(chunk);
          done();
        },
        final: (done) => {
          ends[other]?.push(null);
          done();
        },
      }),
    );
  return ends as [Duplex, Duplex];
}

async function unusedPort(): Promise<net.AddressInfo> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return address;
}

const openssl = (...args: string[]) =>
  execFileSync('openssl', args, { stdio: 'pipe', cwd: scratch.directory });
const hasOpenssl = (() => {
  try {
    return openssl('version').length > 0;
  } catch {
    console.warn(
      'SKIPPED: that certificates are verified through a tunnel. There is no program openssl here.',
    );
    return false;
  }
})();

describe.skipIf(!hasOpenssl)('through a tunnel', () => {
  let web: Server;
  let ca: string;

  beforeAll(async () => {
    const names = scratch.path('names');
    writeFileSync(names, 'subjectAltName=DNS:*.crdb.right');
    const key = ['-newkey', 'rsa:2048', '-nodes'];
    openssl('req', '-x509', ...key, '-subj', '/CN=ca', '-keyout', 'ca.key', '-out', 'ca.crt');
    openssl('req', ...key, '-subj', '/CN=node', '-keyout', 'node.key', '-out', 'node.csr');
    openssl(
      'x509',
      '-req',
      '-in',
      'node.csr',
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-extfile',
      names,
      '-out',
      'node.crt',
    );
    openssl('req', '-x509', ...key, '-subj', '/CN=other', '-keyout', 'other.key', '-out', 'other.crt');
    const read = (file: string) => readFileSync(scratch.path(file), 'utf8');
    ca = read('ca.crt');
    web = createHttpsServer({ cert: read('node.crt'), key: read('node.key') }, (request, response) =>
      response.writeHead(request.url === '/vars' ? 200 : 503).end(`${request.headers.host} ${request.url}`),
    );
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    forward = (socket) => {
      const { port } = web.address() as net.AddressInfo;
      const pod = net.connect(port, '127.0.0.1');
      pod.on('data', (data) => send(socket, 0, data));
      pod.on('error', () => socket.close());
      pod.on('close', () => socket.close());
      socket.on('message', (data: Buffer) => pod.write(data.subarray(1)));
      socket.on('close', () => pod.destroy());
    };
  });

  afterAll(() => void web?.close());

  const access = (namespace: string) =>
    kubernetesAccess({ kubeconfig, namespace, name: 'crdb' } as Kubernetes);
  const page = (namespace: string, ca: string, path = '/vars') =>
    getPage(access(namespace), 'crdb-1', ca, path, testRun().signal);

  it('a page is read when the certificate is for the pod', async () => {
    expect(await page('right', ca)).toEqual({ status: 200, body: 'crdb-1.crdb.right /vars' });
    expect((await page('right', ca, '/health?ready=1')).status).toBe(503);
  });

  it('a page is refused when the certificate is for another name', async () => {
    await expect(page('wrong', ca)).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  it('a page is refused when another CA signed the certificate', async () => {
    const other = readFileSync(scratch.path('other.crt'), 'utf8');
    await expect(page('right', other)).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });

  /** What the database was told first, after the last handshake. */
  let startup = '';

  /** A database that ends TLS as the pods do, and asks for a certificate; it hangs up when it was told who is there. */
  async function session(namespace: string, ca: string): Promise<Error> {
    const read = (file: string) => readFileSync(scratch.path(file), 'utf8');
    const secure = tls.createSecureContext({ cert: read('node.crt'), key: read('node.key') });
    forward = (socket) => {
      const [pod, remote] = duplexPair();
      remote.on('data', (data) => send(socket, 0, data));
      socket.on('message', (data: Buffer) => remote.write(data.subarray(1)));
      socket.on('close', () => remote.destroy());
      // The request for TLS, which is answered with one letter.
      pod.once('data', () => {
        const ended = new tls.TLSSocket(pod, { isServer: true, secureContext: secure });
        ended.on('error', () => {});
        ended.once('data', (data) => {
          startup = data.toString('latin1');
          socket.close();
        });
        pod.write('S');
      });
    };
    const certificates = { ca, cert: read('node.crt'), key: read('node.key') };
    return openSession(access(namespace), 'crdb-1', certificates, 'x', undefined, testRun().signal).then(
      () => new Error('it was opened'),
      (error) => error,
    );
  }

  it('a session is refused when the certificate is for another name, or of another CA, and says so', async () => {
    expect(await session('wrong', ca)).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    const other = readFileSync(scratch.path('other.crt'), 'utf8');
    expect(await session('right', other)).toMatchObject({
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      message: 'crdb-1: unable to verify the first certificate',
    });
    // Past the handshake it is the database that ends this one.
    expect((await session('right', ca)).message).toMatch(/^crdb-1: Connection terminated/);
  });

  it("a session tells the database nothing of libpq's variables in the shell", async () => {
    await session('right', ca);
    const plain = startup;
    expect(plain).toContain('user\0root\0database\0x\0');
    for (const [name, value] of Object.entries({
      PGOPTIONS: '-c default_transaction_read_only=on',
      PGSSLNEGOTIATION: 'direct',
      PGREPLICATION: 'database',
      PGCLIENT_ENCODING: 'LATIN1',
      PGSSLMODE: 'disable',
      PGUSER: 'somebody',
    }))
      vi.stubEnv(name, value);
    startup = '';
    await session('right', ca);
    expect(startup).toBe(plain);
    // They are there for everybody else in this process.
    expect(process.env.PGUSER).toBe('somebody');
    vi.unstubAllEnvs();
  });
});
