import type { ConnectionName, RouteName } from '../contract.ts';
import type { Metrics } from './metrics.ts';
import { Window } from './window.ts';

/** Where the app's parts report what happens: once for Prometheus, once for the page's last second. */
export class Telemetry {
  readonly routes: Readonly<Record<RouteName, Window>> = { login: new Window(), search: new Window() };
  readonly connections: Readonly<Record<ConnectionName, Window>> = {
    writer: new Window(),
    reader: new Window(),
  };
  readonly #metrics: Metrics;
  readonly #queries: Readonly<Record<ConnectionName, { observe(seconds: number): void }>>;
  /** By route, status and method: to find a series by its labels costs more than to count. */
  readonly #routes = new Map<string, RouteSeries>();
  readonly #onRequest: (route: RouteName, failed: boolean, latencyMs: number) => void;

  constructor(metrics: Metrics, onRequest: (route: RouteName, failed: boolean, latencyMs: number) => void) {
    this.#metrics = metrics;
    this.#queries = {
      writer: metrics.dbDuration.labels('writer'),
      reader: metrics.dbDuration.labels('reader'),
    };
    this.#onRequest = onRequest;
  }

  /** `route` is one of a fixed set, never a path as a client wrote it. */
  httpRequest(method: string, route: string, status: number, latencyMs: number): void {
    const series = this.#routes.get(route) ?? this.#newRoute(route);
    (series.counts.get(status)?.get(method) ?? this.#newCount(series, method, route, status)).inc();
    series.duration.observe(latencyMs / 1000);
    const name = route === '/login' ? 'login' : route === '/search' ? 'search' : undefined;
    if (name === undefined) return;
    const failed = status >= 500;
    this.routes[name].add(latencyMs);
    if (failed) this.routes[name].error();
    this.#onRequest(name, failed, latencyMs);
  }

  databaseQuery(connection: ConnectionName, latencyMs: number): void {
    this.#queries[connection].observe(latencyMs / 1000);
    this.connections[connection].add(latencyMs);
  }

  databaseError(connection: ConnectionName, code: string): void {
    this.#metrics.dbErrors.inc({ connection, code });
    this.connections[connection].error();
  }

  databaseRetry(connection: ConnectionName, code: string): void {
    this.#metrics.dbRetries.inc({ connection, code });
    this.connections[connection].retry();
  }

  #newRoute(route: string): RouteSeries {
    const series = { duration: this.#metrics.httpDuration.labels(route), counts: new Map() };
    this.#routes.set(route, series);
    return series;
  }

  #newCount({ counts }: RouteSeries, method: string, route: string, status: number): { inc(): void } {
    const count = this.#metrics.httpRequests.labels(method, route, String(status));
    counts.set(status, (counts.get(status) ?? new Map()).set(method, count));
    return count;
  }
}

interface RouteSeries {
  readonly duration: { observe(seconds: number): void };
  readonly counts: Map<number, Map<string, { inc(): void }>>;
}
