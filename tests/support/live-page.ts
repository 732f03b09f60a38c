import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Mark, PageMethods, Snapshot } from '../../app/src/contract.ts';
import { pageRoutes } from '../../app/src/http/page.ts';
import { pageSecurity } from '../../app/src/http/security-headers.ts';
import { Hub } from '../../app/src/hub/hub.ts';
import { mountHub } from '../../app/src/hub/websocket.ts';
import { SnapshotHistory } from '../../app/src/live/history.ts';
import { snapshotOf } from '../../app/src/live/testing.ts';

const SECOND = 1000;
const PAST_SECONDS = 240;

export interface LivePageOptions {
  /** Of the built page. */
  readonly folder: string;
  /** Of the hub; 0: it is full. */
  readonly maxConnections?: number;
  readonly marks?: readonly Mark[];
  /** Whether commands need the control token. */
  readonly needsToken?: boolean;
}

/** The built page and its hub, which sends the page what the test says, once a second as the app does. */
export class LivePage {
  readonly url: string;
  readonly #server: Server;
  readonly #hub: Hub<PageMethods>;
  readonly #history = new SnapshotHistory();
  readonly #timer: NodeJS.Timeout;
  #changes: (at: number) => Partial<Snapshot> = () => ({});
  readonly #options: LivePageOptions;

  private constructor(server: Server, hub: (page: LivePage) => Hub<PageMethods>, options: LivePageOptions) {
    this.#server = server;
    this.#options = options;
    this.#hub = hub(this);
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const now = Date.now();
    for (let second = PAST_SECONDS; second > 0; second -= 1)
      this.#history.add(this.#next(now - second * SECOND));
    this.#timer = setInterval(() => this.#tick(), SECOND);
  }

  static async start(options: LivePageOptions): Promise<LivePage> {
    const app = new Hono();
    app.use('/', pageSecurity());
    app.route('/', pageRoutes(options.folder));
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }) as Server;
    await new Promise((resolve) => server.once('listening', resolve));
    const hub = (page: LivePage) => {
      const made = new Hub<PageMethods>({
        ...(options.maxConnections === undefined ? {} : { maxConnections: options.maxConnections }),
        methods: { History: () => page.#answer() },
      });
      mountHub(app, server, made, '/hub');
      return made;
    };
    return new LivePage(server, hub, options);
  }

  /** From now on the page is sent this, and at once. */
  show(changes: (at: number) => Partial<Snapshot>): void {
    this.#changes = changes;
    this.#tick();
  }

  /** Says nothing any more, and stays connected. */
  fallSilent(): void {
    clearInterval(this.#timer);
  }

  async stop(): Promise<void> {
    this.fallSilent();
    await this.#hub.close();
    this.#server.close();
  }

  #tick(): void {
    const snapshot = this.#next(Date.now());
    this.#history.add(snapshot);
    this.#hub.send('snapshot', [snapshot]);
  }

  /** Figures that move a little, as real ones do. */
  #next(at: number): Snapshot {
    const wave = 1 + 0.2 * Math.sin(at / 7000);
    const latency = { p50: wave, p95: 3 * wave, p99: 6 * wave };
    const routes = {
      login: { rps: 5 * wave, errors: 0, ...latency },
      search: { rps: 20 * wave, errors: 0, ...latency },
    };
    return snapshotOf({ at, phase: 'phase0', routes, ...this.#changes(at) });
  }

  #answer() {
    const { columns, rows, latest } = this.#history;
    const limits = { spikeSeconds: 120, spikeRps: 500 };
    const { marks = [], needsToken = false } = this.#options;
    return { columns, rows, marks, latest, needsToken, limits };
  }
}
