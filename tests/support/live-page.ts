import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { pageRoutes } from '../../app/src/http/page.ts';
import { Hub } from '../../app/src/hub/hub.ts';
import { mountHub } from '../../app/src/hub/websocket.ts';
import { SnapshotHistory } from '../../app/src/live/history.ts';
import { snapshotOf } from '../../app/src/live/testing.ts';
import type { Mark, PageMethods, Snapshot } from '../../app/src/live/types.ts';

const SECOND = 1000;
const PAST_SECONDS = 240;

/** The built page and its hub, which sends the page what the test says, once a second as the app does. */
export class LivePage {
  readonly url: string;
  readonly #server: Server;
  readonly #hub: Hub<PageMethods>;
  readonly #history = new SnapshotHistory();
  readonly #timer: NodeJS.Timeout;
  #changes: (at: number) => Partial<Snapshot> = () => ({});
  readonly #marks: readonly Mark[];

  private constructor(server: Server, hub: (page: LivePage) => Hub<PageMethods>, marks: readonly Mark[]) {
    this.#server = server;
    this.#marks = marks;
    this.#hub = hub(this);
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const now = Date.now();
    for (let second = PAST_SECONDS; second > 0; second -= 1) this.#history.add(this.#next(now - second * SECOND));
    this.#timer = setInterval(() => this.#tick(), SECOND);
  }

  /** `maxConnections`: of the hub. */
  static async start(options: { maxConnections?: number; marks?: readonly Mark[] } = {}): Promise<LivePage> {
    const app = new Hono();
    app.route('/', pageRoutes(join(__dirname, '../../app/ui/dist')));
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
    return new LivePage(server, hub, options.marks ?? []);
  }

  /** From now on the page is sent this, and at once. */
  show(changes: (at: number) => Partial<Snapshot>): void {
    this.#changes = changes;
    this.#tick();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
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
    return { columns, rows, marks: this.#marks, latest, needsToken: false, limits };
  }
}
