import { join } from 'node:path';
import autocannon from 'autocannon';
import type { TestDatabase } from '../tests/support/sample-app.ts';
import { median } from './figures.ts';
import { ServerProcess } from './server-process.ts';

const CONNECTIONS = 20;
const WARM_UP_SECONDS = 2;
const ROUND_SECONDS = 3;

const SERVERS = {
  app: '../app/src/main.ts',
  bare: 'servers/bare.ts',
  fastify: 'servers/fastify.ts',
} as const;
type Name = keyof typeof SERVERS;
const NAMES = Object.keys(SERVERS) as Name[];

const REQUESTS = {
  '/search': { method: 'GET', path: '/search?q=ac' },
  '/login': {
    method: 'POST',
    path: '/login',
    body: '{"userId":"ada"}',
    headers: { 'content-type': 'application/json' },
  },
} as const;
type Route = keyof typeof REQUESTS;
const ROUTES = Object.keys(REQUESTS) as Route[];

interface Measured {
  /** Requests a second, median of the rounds. */
  readonly rps: number;
  /** Processor time of the server process, microseconds a request, median of the rounds. Steadier than the rate on a busy machine. */
  readonly cpuMicros: number;
  readonly errors: number;
}
export type Comparison = Record<Route, Record<Name, Measured>>;

/**
 * The same two requests, with the same statements on the same PostgreSQL, against the app, a bare `node:http` and `pg`, and Fastify.
 * Rounds take turns, so that what disturbs the machine disturbs all three.
 */
export async function compareServers(test: TestDatabase, rounds: number): Promise<Comparison> {
  const servers = await Promise.all(
    NAMES.map((name) => ServerProcess.start(name, ['--import', 'tsx', join(__dirname, SERVERS[name])], test)),
  );
  const samples = new Map<string, { rps: number; cpuMicros: number; errors: number }[]>();
  try {
    for (let round = 0; round <= rounds; round += 1) {
      for (const route of ROUTES) {
        for (const server of rotate(servers, round)) {
          const sample = await measure(server, route, round === 0 ? WARM_UP_SECONDS : ROUND_SECONDS);
          if (round > 0)
            samples.set(key(route, server.name), [...(samples.get(key(route, server.name)) ?? []), sample]);
        }
      }
    }
  } finally {
    for (const server of servers) server.stop();
  }
  const of = (route: Route, name: Name): Measured => {
    const all = samples.get(key(route, name)) ?? [];
    return {
      rps: median(all.map((s) => s.rps)),
      cpuMicros: median(all.map((s) => s.cpuMicros)),
      errors: all.reduce((sum, s) => sum + s.errors, 0),
    };
  };
  const row = (route: Route) =>
    Object.fromEntries(NAMES.map((name) => [name, of(route, name)])) as Record<Name, Measured>;
  return Object.fromEntries(ROUTES.map((route) => [route, row(route)])) as Comparison;
}

export function printServers(comparison: Comparison): void {
  const line = (...cells: (string | number)[]) =>
    console.log(cells.map((c, i) => String(c)[i === 0 ? 'padEnd' : 'padStart'](i === 0 ? 10 : 16)).join(''));
  line('route', 'server', 'requests/s', 'of bare', 'CPU us/request', 'errors');
  for (const [route, row] of Object.entries(comparison)) {
    for (const [name, { rps, cpuMicros, errors }] of Object.entries(row)) {
      line(route, name, rps.toFixed(0), (rps / row.bare.rps).toFixed(2), cpuMicros.toFixed(0), errors);
    }
  }
}

async function measure(server: ServerProcess, route: Route, seconds: number) {
  const { path, ...request } = REQUESTS[route];
  const before = server.cpuMicros();
  const result = await autocannon({
    url: `${server.url}${path}`,
    connections: CONNECTIONS,
    duration: seconds,
    ...request,
  });
  const answered = result['2xx'];
  return {
    rps: answered / result.duration,
    cpuMicros: (server.cpuMicros() - before) / answered,
    errors: result.errors + result.non2xx,
  };
}

const key = (route: Route, name: string) => `${route} ${name}`;
const rotate = <T>(list: readonly T[], by: number) => list.map((_, i) => list[(i + by) % list.length] as T);
