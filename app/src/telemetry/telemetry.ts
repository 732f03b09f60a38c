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
  readonly #requests: (method: string, route: string, status: number) => { inc(): void };
  readonly #durations: (route: string) => { observe(seconds: number): void };
  readonly #onRequest: (route: RouteName, failed: boolean, latencyMs: number) => void;

  constructor(metrics: Metrics, onRequest: (route: RouteName, failed: boolean, latencyMs: number) => void) {
    this.#metrics = metrics;
    this.#queries = {
      writer: metrics.dbDuration.labels('writer'),
      reader: metrics.dbDuration.labels('reader'),
    };
    this.#onRequest = onRequest;
    this.#requests = memo((method, route, status) =>
      metrics.httpRequests.labels(method, route, String(status)),
    );
    this.#durations = memo((route) => metrics.httpDuration.labels(route));
  }

  /** `route` is one of a fixed set, never a path as a client wrote it. */
  httpRequest(method: string, route: string, status: number, latencyMs: number): void {
    this.#requests(method, route, status).inc();
    this.#durations(route).observe(latencyMs / 1000);
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
}

/** Finding a series by its labels costs more than counting: it is done once a series. */
function memo<Args extends (string | number)[], T>(find: (...args: Args) => T): (...args: Args) => T {
  const found = new Map<string, T>();
  return (...args) => {
    const key = args.join(' ');
    let series = found.get(key);
    if (series === undefined) {
      series = find(...args);
      found.set(key, series);
    }
    return series;
  };
}
