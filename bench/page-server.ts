import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { PageMethods, Snapshot } from '../app/src/contract.ts';
import { pageRoutes } from '../app/src/http/page.ts';
import { Hub } from '../app/src/hub/hub.ts';
import { mountHub } from '../app/src/hub/websocket.ts';
import { SnapshotHistory } from '../app/src/live/history.ts';
import { snapshotOf, topologyOf } from '../app/src/live/testing.ts';

const SECOND = 1000;
const HOUR = 3600;

/** The built page and its hub, with seconds that pass as fast as the caller likes. */
export class PageServer {
  readonly #history = new SnapshotHistory();
  readonly #hub: Hub<PageMethods>;
  readonly #server: Server;
  #at = Date.now() - 2 * HOUR * SECOND;
  #count = 0;

  constructor() {
    this.#hub = new Hub<PageMethods>({
      methods: {
        History: () => ({
          columns: this.#history.columns,
          rows: this.#history.rows,
          marks: [],
          latest: this.#history.latest,
          needsToken: false,
          limits: { spikeSeconds: 60, spikeRps: 500 },
        }),
      },
    });
    for (let second = 0; second < HOUR; second += 1) this.#history.add(this.#next());
    const app = new Hono();
    app.route('/', pageRoutes(join(__dirname, '../app/ui/dist')));
    this.#server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }) as Server;
    mountHub(app, this.#server, this.#hub, '/hub');
  }

  async url(): Promise<string> {
    if (!this.#server.listening) await new Promise((resolve) => this.#server.once('listening', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A second passes. */
  tick(): void {
    this.#hub.send('snapshot', [this.#next()]);
  }

  async stop(): Promise<void> {
    await this.#hub.close();
    this.#server.close();
  }

  /** Figures that move, so that nothing is drawn only once. */
  #next(): Snapshot {
    this.#at += SECOND;
    this.#count += 1;
    const wave = (size: number) => size * (1.5 + Math.sin(this.#count / 7));
    const latency = { p50: wave(2), p95: wave(5), p99: wave(9) };
    const route = { rps: wave(150), errors: 0, ...latency };
    const connection = { qps: wave(150), errors: 0, retries: 0, ...latency };
    const leases = Math.round(wave(20));
    return snapshotOf({
      at: this.#at,
      phase: 'phase1',
      routes: { login: route, search: route },
      connections: { writer: connection, reader: connection },
      topology: topologyOf([{ copies: [60, 0, leases] }, { copies: [0, 60, 0] }], { at: this.#at }),
    });
  }
}
