import autocannon from 'autocannon';
import type { TestDatabase } from '../../tests/support/sample-app.ts';
import { builtApp } from '../built.ts';
import { median } from '../figures.ts';
import { REQUESTS, type Route } from '../requests.ts';
import { ServerProcess } from '../server-process.ts';
import type { Growth } from './exponent.ts';

const SEARCH_TERMS = [1, 10, 100];
const LOGIN_EVENTS = [100_000, 300_000, 1_000_000];
const SECONDS = 3;
const ROUNDS = 3;

/** What more rows cost the app and whoever waits for it. The database is PostgreSQL: its own growth is not CockroachDB's. */
export async function growthWithRows(test: TestDatabase): Promise<Growth[]> {
  const app = await ServerProcess.start('app', builtApp(), test);
  const admin = await test.postgres.connect('evolution');
  const count = async (table: string) =>
    Number((await admin.query(`SELECT count(*) AS count FROM ${table}`)).rows[0].count);
  try {
    const terms: Measured[] = [];
    const seed = await count('search_terms');
    await measure('/search', app);
    for (const times of SEARCH_TERMS) {
      const missing = seed * times - (await count('search_terms'));
      // Beside the seed's own prefixes, so that the answer stays the same: what is measured is the search.
      await admin.query(
        `INSERT INTO search_terms SELECT 'term ' || gen_random_uuid(), i FROM generate_series(1, $1::INT) AS i ON CONFLICT DO NOTHING`,
        [missing],
      );
      await admin.query('ANALYZE search_terms');
      terms.push({ size: await count('search_terms'), ...(await measure('/search', app)) });
    }
    const logins: Measured[] = [];
    await measure('/login', app);
    for (const events of LOGIN_EVENTS) {
      const missing = Math.max(0, events - (await count('login_events')));
      await admin.query(
        `INSERT INTO login_events (id, user_id, ip_hash, user_agent_hash) SELECT gen_random_uuid(), 'user ' || i, md5(i::TEXT), md5(i::TEXT) FROM generate_series(1, $1::INT) AS i`,
        [missing],
      );
      await admin.query('ANALYZE login_events');
      logins.push({ size: await count('login_events'), ...(await measure('/login', app)) });
    }
    return [...rowsOf('search terms', '/search', terms), ...rowsOf('login events', '/login', logins)];
  } finally {
    await admin.end();
    app.stop();
  }
}

interface Cost {
  readonly cpuMicros: number;
  readonly meanMs: number;
  readonly memoryMiB: number;
}
type Measured = Cost & { readonly size: number };

function rowsOf(of: string, route: string, measured: readonly Measured[]): Growth[] {
  const row = (cost: string, unit: string, read: (m: Measured) => number): Growth => ({
    of,
    sizes: measured.map(({ size }) => size),
    cost: `${route}: ${cost}`,
    unit,
    costs: measured.map(read),
  });
  return [
    row('CPU of the app', 'us', (m) => m.cpuMicros),
    row('mean answer', 'ms', (m) => m.meanMs),
    row('memory of the app', 'MiB', (m) => m.memoryMiB),
  ];
}

async function measure(route: Route, app: ServerProcess): Promise<Cost> {
  const { path, ...request } = REQUESTS[route];
  const samples: Omit<Cost, 'memoryMiB'>[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = app.cpuMicros();
    const result = await autocannon({
      url: `${app.url}${path}`,
      connections: 4,
      duration: SECONDS,
      ...request,
    });
    if (result.errors + result.non2xx > 0) throw new Error(`${path}: ${result.non2xx} were not answered`);
    samples.push({
      cpuMicros: (app.cpuMicros() - before) / result['2xx'],
      meanMs: (4 * 1000 * result.duration) / result['2xx'],
    });
  }
  return {
    cpuMicros: median(samples.map((s) => s.cpuMicros)),
    meanMs: median(samples.map((s) => s.meanMs)),
    memoryMiB: app.memory().now,
  };
}
