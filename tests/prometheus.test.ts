import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WRITER } from '../components/names.ts';
import { dashboardFiles, rules } from './support/observability.ts';
import { type Pod, TestPrometheus } from './support/prometheus.ts';
import { withoutVariables } from './support/promql.ts';
import { SampleApp, settings, startDatabase, type TestDatabase } from './support/sample-app.ts';

const missing = ['prometheus --version', 'promtool --version', 'openssl version'].filter((command) => {
  const [program = '', ...args] = command.split(' ');
  return spawnSync(program, args).status !== 0;
});
if (missing.length > 0) {
  console.warn(
    `SKIPPED: tests/prometheus.test.ts, since these are not here (Debian: prometheus, openssl): ${missing}`,
  );
}

/** Stand-ins for what cannot run here: they show that the scrape reaches them, not what they would say. */
const OF_DATABASE = 'liveness_livenodes{node_id="1"} 1\nranges_unavailable{node_id="1",store="1"} 0\n';
const OF_LOAD = 'workload_tpcc_newOrder_success_total 1\n';

describe.skipIf(missing.length > 0)('a real Prometheus with the generated configuration', () => {
  const directory = mkdtempSync(join(tmpdir(), 'prometheus-test-'));
  const servers: http.Server[] = [];
  let database: TestDatabase;
  let app: SampleApp;
  let prometheus: TestPrometheus;
  /** Just before the marks, epoch milliseconds. */
  let marked: number;

  beforeAll(async () => {
    database = await startDatabase();
    app = await SampleApp.start(settings(database, { APP_SPIKE_MAX_SECONDS: '3600' }));
    const pod = (job: string, namespace: string, name: string, portName: string, address: string): Pod => ({
      job,
      namespace,
      name,
      portName,
      address,
    });
    prometheus = await TestPrometheus.start(
      directory,
      [
        pod(
          'cockroachdb',
          'some-crdb',
          'crdb-0',
          'http',
          await serve(https.createServer(certificate(), answer('/_status/vars', OF_DATABASE))),
        ),
        pod(
          'workload',
          'some-crdb',
          'load',
          'metrics',
          await serve(http.createServer(answer('/metrics', OF_LOAD))),
        ),
        pod('sample-app', 'some-app', 'app', 'http', new URL(app.url).host),
      ],
      join(directory, 'tls.crt'),
    );
    marked = Date.now();
    await app.command('mark', { kind: 'phase', label: 'phase1' });
    await app.command('mark', { kind: 'step', label: 'phase1' });
    await app.command('start-spike', { seconds: 3600, rps: 50 });
  });

  afterAll(async () => {
    await prometheus?.stop();
    for (const server of servers) server.close();
    await app?.stop();
    await database?.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  it('takes the configuration, all but the discovery, which Debian builds it without (promtool check config)', () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'config', prometheus.configFile], {
      encoding: 'utf8',
    });
    expect(stdout + stderr).not.toContain('FAILED');
    expect(status).toBe(0);
  });

  it('reads database, load and app, the database over TLS under the name of the writer Service', async () => {
    await expect
      .poll(() => prometheus.targets(), { timeout: 60_000 })
      .toEqual({
        'cockroachdb some-crdb/crdb-0': 'up',
        'workload some-crdb/load': 'up',
        'sample-app some-app/app': 'up',
      });
  });

  it('returns data for every query of every panel of the sample-app dashboard, under a spike', async () => {
    const queries = dashboardFiles()
      .filter(({ uid }) => uid === 'sample-app')
      .flatMap(({ panels }) => panels)
      .flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr: concrete(expr) })));
    expect(queries.length).toBeGreaterThan(30);
    const cut = setInterval(() => void cutStatements(database), 1000);
    const bad = setInterval(() => void app.get('/search?q='), 500);
    try {
      await expect
        .poll(
          async () => {
            const empty = [];
            for (const { title, expr } of queries) {
              if ((await prometheus.query(expr)).length === 0) empty.push(`${title}: ${expr}`);
            }
            return empty;
          },
          { timeout: 60_000, interval: 1000 },
        )
        .toEqual([]);
    } finally {
      clearInterval(cut);
      clearInterval(bad);
    }
    expect(
      (await prometheus.query(concrete('sum(spike_target_rps{namespace=~"$namespace"})')))[0]?.value,
    ).toBe(50);
  });

  it('returns the events: the phase, the planned step and the spike', async () => {
    const events = dashboardFiles().find(({ uid }) => uid === 'sample-app')?.annotations.list ?? [];
    const result = async (name: string) =>
      prometheus.query(concrete(events.find((event) => event.name === name)?.target.expr ?? ''));
    const [phase] = await result('Phases');
    expect(phase?.labels).toEqual({ phase: 'phase1' });
    expect((phase?.value ?? 0) - marked).toBeGreaterThanOrEqual(0);
    expect((phase?.value ?? 0) - marked).toBeLessThan(60_000);
    expect(await result('Planned steps')).toHaveLength(1);
    expect((await result('Spikes'))[0]?.value).toBe(50);
  });

  it('evaluates every rule without an error, and knows the planned step only while it lasts', async () => {
    const loaded = await prometheus.rules();
    expect(loaded.map(({ name }) => name).sort()).toEqual(
      rules()
        .map(({ alert, record }) => alert ?? record)
        .sort(),
    );
    expect(loaded.filter(({ health }) => health === 'err')).toEqual([]);
    expect(loaded.filter(({ state }) => state === 'firing')).toEqual([]);
    const age = (await prometheus.query('evolution:step_age_seconds'))[0]?.value;
    expect(age).toBeGreaterThan(0);
    expect(age).toBeLessThan((Date.now() - marked) / 1000 + 1);
    await app.command('mark', { kind: 'step', label: 'phase1', done: true });
    await expect.poll(() => prometheus.query('evolution:step_age_seconds')).toEqual([]);
  });

  function certificate() {
    const [key, crt] = [join(directory, 'tls.key'), join(directory, 'tls.crt')];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=node',
        '-addext',
        `subjectAltName=DNS:${WRITER}`,
        '-keyout',
        key,
        '-out',
        crt,
      ],
      { stdio: 'ignore' },
    );
    return { key: readFileSync(key), cert: readFileSync(crt) };
  }

  async function serve(server: http.Server): Promise<string> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
});

function answer(path: string, text: string): http.RequestListener {
  return ({ url }, response) => {
    response.writeHead(url === path ? 200 : 404, { 'content-type': 'text/plain' }).end(text);
  };
}

/** The expression as Grafana sends it when the app's namespace and all its pods are chosen. */
function concrete(expr: string): string {
  return withoutVariables(expr, '10s').replaceAll('$namespace', 'some-app').replaceAll('$pod', '.*');
}

/**
 * Cuts the app's connections in the middle of a statement: what waits for a lock is under way, however fast the machine is. The
 * app repeats what was cut off and counts it, so that the panels of errors and repetitions have something to show.
 */
async function cutStatements({ postgres }: TestDatabase): Promise<void> {
  const client = await postgres.connect('evolution');
  try {
    await client.query('BEGIN');
    await client.query('LOCK TABLE login_events, search_terms IN ACCESS EXCLUSIVE MODE');
    await delay(300);
    await client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'app\\_%' AND wait_event_type = 'Lock'",
    );
  } finally {
    await client.end();
  }
}
