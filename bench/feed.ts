import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Snapshot } from '../app/src/contract.ts';
import { topologyOf } from '../app/src/live/testing.ts';
import type { TestDatabase } from '../tests/support/sample-app.ts';
import { builtApp } from './built.ts';
import { printTable } from './figures.ts';
import { ServerProcess } from './server-process.ts';

const SECONDS = 30;
const SETTLE_SECONDS = 4;
/** The hub's places. One address gets 150 of them, so the viewers come from two. */
const VIEWERS = [0, 50, 200];
const ADDRESSES = ['127.0.0.1', '127.0.0.2'];
const NODES = 3;
/** As the page does: the hub lets go of a client that is silent for 30 s. */
const PING_MS = 10_000;
const RECORD_SEPARATOR = '\x1e';

export interface FeedFigures {
  readonly viewers: number;
  /** Processor time of the app as a share of one core, its own load and witness included. */
  readonly coreShare: number;
  readonly ticks: number;
  /** Of all viewers together: ticks that the app sent and one did not get. */
  readonly missed: number;
  /** Of the app: seconds without a tick. */
  readonly late: number;
  readonly withTopology: number;
  readonly bytes: number;
}

/** What viewers of the page cost the app, with a topology that is reported every second, and whether each gets every second's figures. */
export async function measureFeed(test: TestDatabase): Promise<FeedFigures[]> {
  const found: FeedFigures[] = [];
  const app = await ServerProcess.start('app', builtApp(), test, { env: { APP_LOAD_AUTOSTART: 'true' } });
  const reports = setInterval(() => void reportTopology(app.url), 1000);
  try {
    for (const count of VIEWERS) found.push(await withViewers(app, count));
  } finally {
    clearInterval(reports);
    app.stop();
  }
  return found;
}

async function withViewers(app: ServerProcess, count: number): Promise<FeedFigures> {
  const viewers = await Promise.all(
    Array.from({ length: Math.max(1, count) }, (_, i) =>
      Viewer.open(app.url, ADDRESSES[i % ADDRESSES.length] as string),
    ),
  );
  try {
    await sleep(SETTLE_SECONDS * 1000);
    const from = Date.now();
    const cpu = app.cpuMicros();
    await sleep(SECONDS * 1000);
    const coreShare = (app.cpuMicros() - cpu) / (SECONDS * 1e6);
    const until = Date.now();
    // A tick that was sent just before may still be on its way.
    await sleep(1000);
    const seen = viewers.map((viewer) => viewer.between(from, until));
    const sent = new Map(seen.flat().map((tick) => [tick.at, tick]));
    const times = [...sent.keys()].sort((a, b) => a - b);
    return {
      viewers: count,
      coreShare,
      ticks: sent.size,
      missed: seen.reduce((sum, ticks) => sum + sent.size - ticks.length, 0),
      late: times.filter((at, i) => i > 0 && at - (times[i - 1] ?? at) > 1500).length,
      withTopology: [...sent.values()].filter((tick) => tick.nodes === NODES).length,
      bytes: Math.max(...[...sent.values()].map((tick) => tick.bytes)),
    };
  } finally {
    for (const viewer of viewers) viewer.close();
  }
}

interface Tick {
  readonly at: number;
  readonly nodes: number;
  readonly bytes: number;
}

/** One that has the page open, as far as the app can tell. */
class Viewer {
  readonly #socket: WebSocket;
  readonly #ticks: Tick[] = [];
  readonly #pings: NodeJS.Timeout;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.#pings = setInterval(() => this.#send({ type: 6 }), PING_MS);
    socket.on('message', (data: Buffer) => {
      for (const record of data.toString().split(RECORD_SEPARATOR).slice(0, -1)) this.#take(record);
    });
  }

  static async open(url: string, localAddress: string): Promise<Viewer> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/hub`, { localAddress });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', (error) =>
        reject(new Error(`no viewer can connect from ${localAddress}: ${error.message}`)),
      );
    });
    const viewer = new Viewer(socket);
    viewer.#send({ protocol: 'json', version: 1 });
    viewer.#send({ type: 1, invocationId: '1', target: 'History', arguments: [] });
    return viewer;
  }

  between(from: number, until: number): Tick[] {
    if (this.#socket.readyState !== WebSocket.OPEN) throw new Error('the app let go of a viewer');
    return this.#ticks.filter(({ at }) => at >= from && at < until);
  }

  close(): void {
    clearInterval(this.#pings);
    this.#socket.terminate();
  }

  #send(record: object): void {
    this.#socket.send(JSON.stringify(record) + RECORD_SEPARATOR);
  }

  #take(record: string): void {
    const { target, arguments: args } = JSON.parse(record) as { target?: string; arguments: [Snapshot] };
    if (target !== 'snapshot') return;
    const [{ at, topology }] = args;
    this.#ticks.push({ at, nodes: topology?.nodes.length ?? 0, bytes: record.length });
  }
}

async function reportTopology(url: string): Promise<void> {
  const body = topologyOf(
    Array.from({ length: NODES }, (_, i) => ({ copies: [60, 0, 20 + i] as const })),
    { at: Date.now(), source: 'evolve' },
  );
  await fetch(`${url}/commands/topology`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch(() => {});
}

export function printFeed(figures: readonly FeedFigures[]): void {
  console.log(
    `\nthe page’s feed, ${SECONDS} s each, with a topology of ${NODES} nodes, the app’s own load and its witness (the first row has no viewer but the one that measures)`,
  );
  printTable([
    ['viewers', '% of a core', 'ticks', 'missed', 'late', 'with topology', 'bytes each'],
    ...figures.map((f) => [
      f.viewers,
      (f.coreShare * 100).toFixed(1),
      f.ticks,
      f.missed,
      f.late,
      f.withTopology,
      f.bytes,
    ]),
  ]);
}
