import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLUSTER_QUERIES } from '../app/src/live/cluster.ts';
import { dashboardExpressions, ruleExpressions, type Source } from './support/observability.ts';
import { Expression, withoutVariables } from './support/promql.ts';
import { SampleApp, settings, startDatabase, type TestDatabase } from './support/sample-app.ts';

/**
 * A file with every series that CockroachDB v26.2 exposes, one name a line, from its documentation: the environment variable CRDB_METRICS
 * names it.
 */
const LIST = process.env.CRDB_METRICS ?? '';
const documented: ReadonlySet<string> | undefined = existsSync(LIST)
  ? new Set(readFileSync(LIST, 'utf8').split('\n').filter(Boolean))
  : undefined;
if (documented === undefined)
  console.warn(
    `SKIPPED: whether CockroachDB exposes each series that is asked for. ${LIST === '' ? 'CRDB_METRICS names no file with a list of them' : `There is no ${LIST} (CRDB_METRICS)`}.`,
  );

/**
 * CockroachDB's counters that are in use, by their `type` in the documentation's metrics.yaml of v26.2; what else is in use is a
 * gauge. `sys_uptime` only rises, and is read as it is.
 */
const COUNTERS = [
  /^sql_(query|select|insert|update|delete|failure|txn_(begin|commit|rollback|abort))_count$/,
  /^jobs_backup_resume_(completed|failed)$/,
  /^queue_replicate_(addvoterreplica|addnonvoterreplica|removereplica|nonvoterpromotions)$/,
  /^rebalancing_(range_rebalances|lease_transfers)$/,
  /^range_snapshots_\w+_rcvd_bytes$/,
  /^sys_host_disk_(read|write)_bytes$/,
  /_(bucket|sum)$/,
];

/** What the scrape adds: components/prometheus-config.ts, and Prometheus itself. */
const TARGET_LABELS = ['job', 'instance', 'namespace', 'pod'];
/** Of `cockroach workload`, which this repository cannot run. Source: CockroachDB's own queries in roachtest (tpcc, chaos). */
const OF_LOAD = /^workload_tpcc_(newOrder|payment|orderStatus|delivery|stockLevel)_(success|error)_total$/;
const OF_PROMETHEUS: Readonly<Record<string, readonly string[]>> = {
  up: TARGET_LABELS,
  ALERTS: ['alertname', 'alertstate', 'severity', ...TARGET_LABELS],
  'evolution:step_age_seconds': [],
};
/** What begins like this is the app's; whatever nobody else has is CockroachDB's. */
const OF_APP = /^(witness|spike|http|db|evolution|process|nodejs)_/;

const ofApp = Object.entries(CLUSTER_QUERIES).map(([name, expr]) => ({
  where: `app/src/live/cluster.ts, ${name}`,
  expr,
  labelsNamed: [],
}));
const all = [...dashboardExpressions(), ...ruleExpressions(), ...ofApp];
const files = [...new Set(all.map(fileOf))].map(
  (file) => [file, all.filter((s) => fileOf(s) === file)] as const,
);

describe('every expression of the dashboards, the alert rules and the app', () => {
  let database: TestDatabase;
  let app: SampleApp;
  let exposed: ReadonlyMap<string, { readonly counter: boolean; readonly labels: ReadonlySet<string> }>;

  beforeAll(async () => {
    database = await startDatabase();
    app = await SampleApp.start(settings(database));
    await app.command('start-spike', { seconds: 2, rps: 20 });
    await app.command('mark', { kind: 'phase', label: 'phase1' });
    await app.get('/search?q=a');
    // A series with an error code is there only after an error.
    await database.postgres.stop('immediate');
    await Promise.all([app.get('/search?q=b'), app.post('/login', { userId: 'ada' })]);
    exposed = exposition(await app.metrics());
  });

  afterAll(async () => {
    await app?.stop();
    await database?.remove();
  });

  it('is found: three dashboards, every file of rules, and the app', () => {
    expect(Object.fromEntries(files.map(([file, sources]) => [file, sources.length > 0]))).toEqual({
      'cockroachdb-evolution': true,
      'cockroachdb-overview': true,
      'sample-app': true,
      'alerts/app.yml': true,
      'alerts/database.yml': true,
      'alerts/evolution.yml': true,
      'alerts/scrape.yml': true,
      'app/src/live/cluster.ts': true,
    });
  });

  it.each(files)('of %s is PromQL', (_, sources) => {
    check(sources, () => []);
  });

  it.each(files)('of %s reads metrics of the app that the running app exposes', (_, sources) => {
    check(sources, (expression) =>
      expression.selectors
        .filter(({ metric }) => OF_APP.test(metric) && !exposed.has(metric))
        .map(({ metric }) => `the app does not expose ${metric}`),
    );
  });

  it.skipIf(documented === undefined).each(files)(
    'of %s reads metrics of CockroachDB that its documentation lists',
    (_, sources) => {
      check(sources, (expression) =>
        expression.selectors
          .filter(({ metric }) => isDatabase(metric) && !documented?.has(metric))
          .map(({ metric }) => `CockroachDB does not expose ${metric}`),
      );
    },
  );

  it.each(files)('of %s selects, groups and names labels that its metrics have', (_, sources) => {
    check(sources, (expression, { labelsNamed }) => {
      const result = expression.labels(labelsOf);
      return [
        ...expression.selectors.flatMap(({ metric, matchers }) =>
          matchers
            .filter(({ label }) => !labelsOf(metric).has(label))
            .map(({ label }) => `${metric} has no label ${label}`),
        ),
        ...labelsNamed
          .filter((name) => !result.has(name))
          .map((name) => `a text names ${name}, the result has none`),
      ];
    });
  });

  it.each(files)('of %s looks at counters through their rate, and at gauges as they are', (_, sources) => {
    check(sources, (expression) =>
      expression.selectors
        .filter(
          ({ metric, functions }) => isCounter(metric) !== functions.some((f) => /^(rate|increase)$/.test(f)),
        )
        .map(({ metric }) => `${metric} is ${isCounter(metric) ? 'a counter' : 'no counter'}`),
    );
  });

  it.each(files)('of %s names no namespace, pod or machine', (_, sources) => {
    check(sources, (expression) =>
      expression.selectors
        .flatMap(({ matchers }) => matchers)
        .filter(({ label }) => ['namespace', 'pod', 'instance', 'node_id', 'cluster'].includes(label))
        .filter(({ value }) => !/^\$\w+$/.test(value))
        .map(({ label, value }) => `${label} is fixed to ${value}`),
    );
  });

  function labelsOf(metric: string): ReadonlySet<string> {
    const ofPrometheus = OF_PROMETHEUS[metric];
    if (ofPrometheus !== undefined) return new Set(ofPrometheus);
    if (isDatabase(metric)) {
      return new Set([...TARGET_LABELS, 'node_id', ...(metric.endsWith('_bucket') ? ['le'] : [])]);
    }
    return new Set([...TARGET_LABELS, ...(exposed.get(metric)?.labels ?? [])]);
  }

  function isCounter(metric: string): boolean {
    return (
      exposed.get(metric)?.counter ?? (OF_LOAD.test(metric) || COUNTERS.some((name) => name.test(metric)))
    );
  }
});

function fileOf({ where }: Source): string {
  return where.split(',')[0] ?? '';
}

function isDatabase(metric: string): boolean {
  return OF_PROMETHEUS[metric] === undefined && !OF_LOAD.test(metric) && !OF_APP.test(metric);
}

/** Fails with every problem of every expression, and where it is. */
function check(
  sources: readonly Source[],
  problems: (expression: Expression, source: Source) => string[],
): void {
  const found = sources.flatMap((source) => {
    const { where, expr } = source;
    try {
      return problems(new Expression(withoutVariables(expr)), source).map(
        (problem) => `${where}: ${problem}`,
      );
    } catch (error) {
      return [`${where}: ${error}`];
    }
  });
  expect(found).toEqual([]);
}

/** The metrics of an exposition, by name, with the labels that any of their series has. */
function exposition(text: string) {
  const metrics = new Map<string, { counter: boolean; labels: Set<string> }>();
  const types = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, declared, type] = /^# TYPE (\S+) (\S+)/.exec(line) ?? [];
    if (declared !== undefined && type !== undefined) types.set(declared, type);
    const [, name, labels = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? /.exec(line) ?? [];
    if (name === undefined) continue;
    const counter = types.get(name) === 'counter' || /_(bucket|sum|count)$/.test(name);
    const metric = metrics.get(name) ?? { counter, labels: new Set<string>() };
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) metric.labels.add(label);
    metrics.set(name, metric);
  }
  return metrics;
}
