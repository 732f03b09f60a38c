import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { anyFreePort } from '../cli/rehearse/ports.ts';
import { settings, type TestDatabase } from '../tests/support/sample-app.ts';

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
  const servers = await Promise.all(NAMES.map((name) => Server.start(name, test)));
  const samples = new Map<string, { rps: number; cpuMicros: number; errors: number }[]>();
  try {
    for (let round = 0; round <= rounds; round += 1) {
      for (const route of ROUTES) {
        for (const server of rotate(servers, round)) {
          const sample = await server.measure(route, round === 0 ? WARM_UP_SECONDS : ROUND_SECONDS);
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

class Server {
  readonly name: Name;
  readonly #port: number;
  readonly #process: ChildProcess;

  private constructor(name: Name, port: number, process: ChildProcess) {
    this.name = name;
    this.#port = port;
    this.#process = process;
  }

  static async start(name: Name, test: TestDatabase): Promise<Server> {
    const port = await anyFreePort();
    const url = (connection: 'writer' | 'reader') =>
      readFileSync(test.database.urlFile(connection), 'utf8').trim();
    const { APP_DB_WRITER_URL_FILE: _w, APP_DB_READER_URL_FILE: _r, ...rest } = settings(test);
    const env = {
      ...process.env,
      ...rest,
      APP_PORT: String(port),
      APP_DB_WRITER_URL: url('writer'),
      APP_DB_READER_URL: url('reader'),
      NODE_ENV: 'production',
    };
    const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, SERVERS[name])], {
      env,
      stdio: 'inherit',
    });
    const server = new Server(name, port, child);
    await server.#answering();
    return server;
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }

  async measure(route: Route, seconds: number) {
    const { path, ...request } = REQUESTS[route];
    const before = this.#cpuMicros();
    const result = await autocannon({
      url: `http://127.0.0.1:${this.#port}${path}`,
      connections: CONNECTIONS,
      duration: seconds,
      ...request,
    });
    const answered = result['2xx'];
    return {
      rps: answered / result.duration,
      cpuMicros: (this.#cpuMicros() - before) / answered,
      errors: result.errors + result.non2xx,
    };
  }

  /** Processor time of the process so far, from the kernel's count in hundredths of a second; NaN where there is no /proc. */
  #cpuMicros(): number {
    try {
      const stat = readFileSync(`/proc/${this.#process.pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) * 10_000;
    } catch {
      return Number.NaN;
    }
  }

  async #answering(): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      const ok = await fetch(`http://127.0.0.1:${this.#port}${REQUESTS['/search'].path}`).then(
        (r) => r.ok,
        () => false,
      );
      if (ok) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`the server "${this.name}" does not answer`);
  }
}

const key = (route: Route, name: Name) => `${route} ${name}`;
const median = (values: number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const rotate = <T>(list: readonly T[], by: number) => list.map((_, i) => list[(i + by) % list.length] as T);
