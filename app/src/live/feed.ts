import type { ConnectionMetrics, RouteMetrics, Snapshot } from '../contract.ts';
import type { Connection } from '../database/connection.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Window } from '../telemetry/window.ts';
import type { Witness } from '../witness/witness.ts';
import type { Cluster } from './cluster.ts';
import type { Control } from './control.ts';
import type { SnapshotHistory } from './history.ts';
import type { Reports } from './reports.ts';
import type { LatestTopology } from './topology.ts';

const EVERY_MS = 1000;

export interface FeedOptions {
  readonly telemetry: Telemetry;
  readonly control: Control;
  readonly witness: Witness;
  readonly reports: Reports;
  readonly writer: Pick<Connection, 'user'>;
  readonly reader: Pick<Connection, 'user'>;
  readonly topology: LatestTopology;
  readonly cluster: Cluster | undefined;
  readonly history: SnapshotHistory;
  /** Called when a second is over. */
  readonly onSecond: () => void;
  readonly publish: (snapshot: Snapshot) => void;
}

/** Once a second, puts together what the page shows. */
export class Feed {
  readonly #options: FeedOptions;
  #timer: NodeJS.Timeout | undefined;
  #lastAt = performance.now();

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  start(): void {
    this.#lastAt = performance.now();
    this.#timer = setInterval(() => this.#second(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #second(): void {
    const now = performance.now();
    // A busy process runs its timers late: a rate is a count by the time that really went by.
    const seconds = (now - this.#lastAt) / 1000;
    this.#lastAt = now;
    this.#options.onSecond();
    const { telemetry, control, witness, reports, history, publish } = this.#options;
    const { writer, reader, topology, cluster } = this.#options;
    const snapshot: Snapshot = {
      at: Date.now(),
      ...control.state,
      routes: {
        login: route(telemetry.routes.login, seconds),
        search: route(telemetry.routes.search, seconds),
      },
      connections: {
        writer: connection(telemetry.connections.writer, seconds),
        reader: connection(telemetry.connections.reader, seconds),
      },
      witness: witness.state,
      gap: witness.gap,
      totals: reports.totals,
      paths: {
        writer: { user: writer.user, silentMs: witness.silence('write') },
        reader: { user: reader.user, silentMs: witness.silence('read') },
      },
      topology: topology.latest,
      topologyProblem:
        cluster === undefined
          ? 'APP_PROMETHEUS_URL is not set, so the app knows no Prometheus.'
          : cluster.problem,
    };
    history.add(snapshot);
    publish(snapshot);
  }
}

function route(window: Window, seconds: number): RouteMetrics {
  const { count, errors, latency } = window.take();
  return { rps: count / seconds, errors: errors / seconds, ...latency };
}

function connection(window: Window, seconds: number): ConnectionMetrics {
  const { count, errors, retries, latency } = window.take();
  return { qps: count / seconds, errors: errors / seconds, retries: retries / seconds, ...latency };
}
