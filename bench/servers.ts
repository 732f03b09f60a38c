import autocannon from 'autocannon';
import type { TestDatabase } from '../tests/support/sample-app.ts';
import { BuiltRivals } from './built.ts';
import { GUARANTEES, type Name, startContenders } from './contenders.ts';
import { printTable, type Spread, spread, spreadText } from './figures.ts';
import { REQUESTS, ROUTES, type Route } from './requests.ts';
import type { ServerProcess } from './server-process.ts';

const CONNECTIONS = 20;
const WARM_UP_SECONDS = 3;
const ROUND_SECONDS = 2;

interface Measured {
  readonly server: Name;
  /** Processor time of the server's process, microseconds a request: steadier than the rate on a busy machine. */
  readonly cpuMicros: Spread;
  /** That, divided by the bare server's of the same round. */
  readonly ofBare: Spread;
  readonly worstRound: number;
  readonly rps: Spread;
  readonly errors: number;
}
export type Comparison = Readonly<Record<Route, readonly Measured[]>>;

interface Sample {
  readonly rps: number;
  readonly cpuMicros: number;
  readonly errors: number;
}

/**
 * The same two requests, with the same prepared statements on the same PostgreSQL and pools of the same size, against the app as its image
 * runs it and its rivals. Rounds take turns, each in an order of its own, so that what disturbs the machine disturbs all of them: whoever comes after whom matters.
 */
export async function compareServers(test: TestDatabase, rounds: number): Promise<Comparison> {
  const rivals = new BuiltRivals();
  let servers: ServerProcess[] = [];
  const samples = new Map<string, Sample[]>();
  try {
    servers = await startContenders(test, rivals);
    for (const [round, seconds] of [WARM_UP_SECONDS, ...Array(rounds).fill(ROUND_SECONDS)].entries()) {
      for (const route of ROUTES) {
        for (const server of shuffled(servers)) {
          const sample = await measure(server, route, seconds);
          if (round === 0) samples.set(key(route, server.name), []);
          else samples.get(key(route, server.name))?.push(sample);
        }
      }
    }
  } finally {
    for (const server of servers) server.stop();
    rivals.remove();
  }
  const row = (route: Route) => {
    const bare = samples.get(key(route, 'bare')) ?? [];
    return servers.map(({ name }) => measured(name as Name, samples.get(key(route, name)) ?? [], bare));
  };
  return { '/search': row('/search'), '/login': row('/login') };
}

function measured(server: Name, all: readonly Sample[], bare: readonly Sample[]): Measured {
  const ratios = all.map(({ cpuMicros }, round) => cpuMicros / (bare[round]?.cpuMicros ?? Number.NaN));
  const ofBare = spread(ratios);
  return {
    server,
    cpuMicros: spread(all.map((s) => s.cpuMicros)),
    ofBare,
    worstRound: ratios.indexOf(ofBare.most) + 1,
    rps: spread(all.map((s) => s.rps)),
    errors: all.reduce((sum, s) => sum + s.errors, 0),
  };
}

async function measure(server: ServerProcess, route: Route, seconds: number): Promise<Sample> {
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

export function printServers(comparison: Comparison): void {
  console.log(
    '\nCPU of a request, in microseconds of the server’s process: median of the rounds (least-most).\n"of bare" compares within a round. Requests a second depend on what else the machine does.',
  );
  for (const [route, rows] of Object.entries(comparison)) {
    printTable([
      [route, 'CPU us', 'of bare', 'worst round', 'requests/s', 'errors'],
      ...rows.map((r) => [
        r.server,
        spreadText(r.cpuMicros),
        spreadText(r.ofBare, 2),
        r.worstRound,
        spreadText(r.rps),
        r.errors,
      ]),
    ]);
  }
  const shown = new Set(Object.values(comparison).flatMap((rows) => rows.map((r) => r.server)));
  console.log('What each does beside the requests:');
  for (const name of shown) console.log(`  ${name}: ${GUARANTEES[name]}`);
}

const key = (route: Route, name: string) => `${route} ${name}`;
const shuffled = <T>(list: readonly T[]) =>
  list
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
