import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { type ClientOptions, WebSocket } from 'ws';
import { Hub, HubError, type HubOptions } from './hub.ts';
import { mountHub } from './websocket.ts';

/** For the tests of this folder: a hub on a real server, and a client that sends what it is told to, right or wrong. */

interface ClientMethods {
  tick: (n: number, padding?: string) => void;
}

export type TestHub = Awaited<ReturnType<typeof startHub>>;

export async function startHub(options: Partial<HubOptions> = {}, port = 0) {
  const heard: unknown[] = [];
  const errors: unknown[] = [];
  const methods: HubOptions['methods'] = {
    Echo: (_caller, value) => value,
    Nothing: () => undefined,
    Hear: (_caller, value) => void heard.push(value),
    Refuse: async () => {
      throw new HubError('token_required: say who you are');
    },
    Fail: () => {
      throw new Error('password=hunter2 at /etc/secret');
    },
    Bigint: () => 1n,
    WhoAmI: (caller) => [caller.connectionId, caller.remoteAddress],
    Count: (caller) => {
      const count = Number(caller.state.get('count') ?? 0) + 1;
      caller.state.set('count', count);
      return count;
    },
    ...options.methods,
  };
  const onError = (error: unknown, target: string) => void errors.push([target, error]);
  const hub = new Hub<ClientMethods>({ onError, ...options, methods });
  const app = new Hono();
  app.all('/plain', async (c) => c.text(`${c.req.method} ${await c.req.text()}`));
  const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' });
  mountHub(app, server, hub, '/hub');
  await once(server, 'listening');
  const at = (server.address() as AddressInfo).port;
  const stop = async () => {
    await hub.close();
    if (!server.listening) return;
    // Upgraded sockets are not the HTTP server's any more: one that the hub left open would keep this waiting.
    const closed = once(server, 'close');
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
    await closed;
  };
  return { hub, heard, errors, port: at, url: `http://127.0.0.1:${at}/hub`, stop };
}

export class RawClient {
  readonly socket: WebSocket;
  readonly records: string[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  #wake = () => {};

  constructor(url: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(url.replace('http', 'ws'), options);
    this.socket.on('message', (data: Buffer) => {
      this.records.push(...data.toString().split('\x1e').slice(0, -1));
      this.#wake();
    });
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  /** Open, the handshake done. */
  static async connect(url: string): Promise<RawClient> {
    const client = await RawClient.open(url);
    client.send({ protocol: 'json', version: 1 });
    await client.next();
    return client;
  }

  static async open(url: string): Promise<RawClient> {
    const client = new RawClient(url);
    await once(client.socket, 'open');
    return client;
  }

  /** Each record in one frame with the others. */
  send(...records: object[]): void {
    this.socket.send(records.map((record) => `${JSON.stringify(record)}\x1e`).join(''));
  }

  async next(): Promise<unknown> {
    while (this.records.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return JSON.parse(this.records.shift() ?? '');
  }

  /** Whether the connection works: a call is answered. */
  async works(): Promise<boolean> {
    const invocationId = `works-${performance.now()}`;
    this.send({ type: 1, invocationId, target: 'Echo', arguments: ['still here'] });
    for (;;) {
      const record = (await this.next()) as { invocationId?: string; result?: unknown };
      if (record.invocationId === invocationId) return record.result === 'still here';
    }
  }
}
