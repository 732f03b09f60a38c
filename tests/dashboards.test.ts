import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { APP } from '../components/app-manifests.ts';
import { DATABASE_PODS, LOAD, selector } from '../components/names.ts';
import { prometheusConfig } from '../components/prometheus-config.ts';
import { files } from '../dashboards/source/dashboards.ts';
import { JOBS } from '../dashboards/source/jobs.ts';
import { dashboardFiles, type PanelFile } from './support/observability.ts';

const FOLDER = join(__dirname, '../dashboards');
const dashboards = dashboardFiles();
const each = dashboards.map((dashboard) => [dashboard.uid, dashboard] as const);
const panelsOf = (uid: string) => dashboards.find((d) => d.uid === uid)?.panels ?? [];

describe('the committed files', () => {
  it('are what the source makes (npm run dashboards writes them)', () => {
    const made = files();
    for (const [path, content] of Object.entries(made))
      expect(readFileSync(join(FOLDER, path), 'utf8')).toBe(content);
    expect(
      readdirSync(FOLDER)
        .filter((name) => name.endsWith('.json'))
        .sort(),
    ).toEqual(
      Object.keys(made)
        .filter((path) => path.endsWith('.json'))
        .sort(),
    );
  });

  it('are shown in the README, each dashboard with its picture and a link to its file', () => {
    const readme = readFileSync(join(FOLDER, 'README.md'), 'utf8');
    for (const path of Object.keys(files())) expect(readme).toContain(`](${path})`);
  });

  it('fit the types that the SDK ships for Grafana', () => {
    expect(typeProblems()).toEqual([]);
  });
});

describe.each(each)('%s', (uid, dashboard) => {
  it('can be imported anywhere: a fixed uid and schema, no id, the data source a variable', () => {
    expect(dashboard).not.toHaveProperty('id');
    expect(dashboard.schemaVersion).toBe(42);
    expect(dashboard.templating.list[0]?.name).toBe('datasource');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana replaces it.
    const variable = '${datasource}';
    const sources = JSON.stringify(dashboard).matchAll(/"uid":"([^"]*)"/g);
    expect(new Set([...sources].map(([, source]) => source))).toEqual(new Set([uid, variable]));
  });

  it('lets the reader choose namespace and pod', () => {
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['namespace', 'pod']),
    );
  });

  it('uses every one of its variables, and no other', () => {
    const text = JSON.stringify([
      dashboard.panels,
      dashboard.annotations,
      dashboard.templating,
      dashboard.links,
    ]);
    const used = new Set([...text.matchAll(/\$\{?([a-z_]+)/g)].map(([, name]) => name));
    // Grafana's own: the interval, and the value of All.
    for (const own of ['__rate_interval', '__all']) used.delete(own);
    expect([...used].sort()).toEqual(dashboard.templating.list.map(({ name }) => name).sort());
  });

  it('says on each panel what to see, in a unit, and gives it a number of its own', () => {
    for (const panel of graphs(dashboard.panels)) {
      expect(panel.title).not.toBe('');
      expect(panel.description, panel.title).toMatch(/^.{20,260}$/);
      expect(panel.fieldConfig?.defaults.unit, panel.title).toBeTruthy();
      expect(panel.targets?.length, panel.title).toBeGreaterThan(0);
    }
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('lays its panels out without overlap and within 24 columns', () => {
    const taken = new Set<string>();
    for (const { gridPos, title } of dashboard.panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken, title).not.toContain(`${x},${y}`);
          taken.add(`${x},${y}`);
        }
      }
    }
  });

  it('marks phases, planned steps, backups, spikes and nodes', () => {
    expect(dashboard.annotations.list.map(({ name }) => name)).toEqual([
      'Phases',
      'Planned steps',
      'Backups',
      'Spikes',
      'Nodes come and go',
    ]);
  });

  it('links to the other two', () => {
    const others = each.map(([other]) => other).filter((other) => other !== uid);
    expect(dashboard.links.map(({ url }) => /^\/d\/([\w-]+)\?/.exec(url)?.[1]).sort()).toEqual(others.sort());
  });
});

describe('what each dashboard must show', () => {
  // The lists of the specification (003, section 5.4) and of issue 6, as the metric that a panel must read.
  it.each([
    ['cockroachdb-overview', 'node liveness', /liveness_livenodes/],
    ['cockroachdb-overview', 'nodes up', /\bup\{/],
    ['cockroachdb-overview', 'SQL queries a second', /rate\(sql_query_count/],
    ['cockroachdb-overview', 'SQL transactions a second', /rate\(sql_txn_commit_count/],
    ['cockroachdb-overview', 'SQL latency p50', /quantile\(0\.5, .*sql_service_latency_bucket/],
    ['cockroachdb-overview', 'SQL latency p95', /quantile\(0\.95, .*sql_service_latency_bucket/],
    ['cockroachdb-overview', 'SQL latency p99', /quantile\(0\.99, .*sql_service_latency_bucket/],
    ['cockroachdb-overview', 'CPU per node', /by \(pod\) \(sys_cpu_combined_percent_normalized/],
    ['cockroachdb-overview', 'memory per node', /by \(pod\) \(sys_rss/],
    ['cockroachdb-overview', 'disk and capacity', /by \(pod\) \(capacity\{/],
    ['cockroachdb-evolution', 'nodes live', /liveness_livenodes/],
    ['cockroachdb-evolution', 'replicas per range', /sum\(replicas\{.* \/ sum\(ranges\{/],
    ['cockroachdb-evolution', 'voters', /queue_replicate_addvoterreplica/],
    ['cockroachdb-evolution', 'non-voters', /queue_replicate_addnonvoterreplica/],
    ['cockroachdb-evolution', 'under-replicated ranges', /ranges_underreplicated/],
    ['cockroachdb-evolution', 'range rebalancing', /rebalancing_range_rebalances/],
    ['cockroachdb-evolution', 'snapshots', /range_snapshots_upreplication_rcvd_bytes/],
    ['cockroachdb-evolution', 'replicas per node', /by \(pod\) \(replicas\{/],
    ['cockroachdb-evolution', 'leases per node', /by \(pod\) \(replicas_leaseholders/],
    ['cockroachdb-evolution', 'Raft leadership', /by \(pod\) \(replicas_leaders\{/],
    ['cockroachdb-evolution', 'store capacity', /by \(pod\) \(capacity_available/],
    ['cockroachdb-evolution', 'rebalance signals', /rebalancing_queriespersecond/],
    ['cockroachdb-evolution', "the witness's gap", /witness_write_gap_seconds/],
    ['sample-app', 'requests a second by route', /by \(route\) \(rate\(http_requests_total/],
    ['sample-app', 'errors by route and status', /by \(route, status\) \(rate\(http_requests_total/],
    ['sample-app', 'latency of /login', /http_request_duration_seconds_bucket.*route="\/login"/],
    ['sample-app', 'latency of /search', /http_request_duration_seconds_bucket.*route="\/search"/],
    [
      'sample-app',
      'database latency by connection',
      /by \(le, connection\) \(rate\(db_query_duration_seconds_bucket/,
    ],
    ['sample-app', 'target rps of the spike', /spike_target_rps/],
    ['sample-app', 'active workers of the spike', /spike_active_workers/],
  ])('%s shows %s', (uid, _, expression) => {
    const expressions = panelsOf(uid).flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(expressions.filter((expr) => expression.test(expr))).not.toEqual([]);
  });

  it('the evolution fits on one screen of 1080 lines: at most 21 rows of 38 pixels, and no heading', () => {
    const panels = panelsOf('cockroachdb-evolution');
    expect(Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h))).toBeLessThanOrEqual(21);
    expect(panels.filter(({ type }) => type === 'row')).toEqual([]);
  });

  it('the scrape configuration names the jobs that the dashboards read', () => {
    const { scrape_configs } = parse(
      prometheusConfig({
        databaseNamespace: 'a',
        appNamespace: 'b',
        caFile: '/ca.crt',
        ruleFiles: '/rules/*.yml',
      }),
    ) as { scrape_configs: { job_name: string }[] };
    expect(scrape_configs.map(({ job_name }) => job_name)).toEqual(
      expect.arrayContaining(Object.values(JOBS)),
    );
  });
});

describe('the optional files for kube-prometheus-stack', () => {
  const read = (name: string) => readFileSync(join(FOLDER, 'optional', name), 'utf8');

  it('say that they are optional', () => {
    for (const name of readdirSync(join(FOLDER, 'optional'))) expect(read(name)).toMatch(/^# OPTIONAL/);
  });

  it('read the same pods, ports, paths and jobs as the own Prometheus', () => {
    const monitors = parseAllDocuments(read('podmonitors.yaml')).map((document) => document.toJS());
    const config = parse(
      prometheusConfig({
        databaseNamespace: 'crdb',
        appNamespace: 'sample-app',
        caFile: '/ca.crt',
        ruleFiles: '',
      }),
    );
    const own = (job: string) =>
      config.scrape_configs.find(({ job_name }: { job_name: string }) => job_name === job);
    const pods = { [JOBS.database]: DATABASE_PODS, [JOBS.load]: selector(LOAD), [JOBS.app]: selector(APP) };
    expect(monitors.map(({ metadata }) => metadata.name).sort()).toEqual(Object.values(JOBS).sort());
    for (const { metadata, spec } of monitors) {
      const job = metadata.name as keyof typeof pods;
      const [endpoint] = spec.podMetricsEndpoints;
      expect(spec.selector.matchLabels).toEqual(pods[job]);
      expect(endpoint.relabelings[0]).toEqual({ targetLabel: 'job', replacement: job });
      expect(own(job).kubernetes_sd_configs[0].namespaces.names).toEqual([metadata.namespace]);
      expect(own(job).relabel_configs[0].regex).toBe(endpoint.port);
      expect([own(job).metrics_path, own(job).scheme, own(job).tls_config?.server_name]).toEqual([
        endpoint.path,
        endpoint.scheme,
        endpoint.tlsConfig?.serverName,
      ]);
    }
  });
});

function graphs(panels: readonly PanelFile[]): PanelFile[] {
  return panels.filter(({ type }) => type !== 'row');
}

/** What the TypeScript compiler says when each JSON is written where the SDK's types are wanted. Unknown properties count. */
function typeProblems(): string[] {
  const sdk = '@grafana/grafana-foundation-sdk';
  const lines = [
    `import type { Dashboard } from '${sdk}/dashboard';`,
    `import type { Dataquery } from '${sdk}/prometheus';`,
    ...['stat', 'statetimeline', 'timeseries'].map(
      (type) => `import type * as ${type} from '${sdk}/${type}';`,
    ),
    // JSON has no methods, and the values of enumerations are plain text there.
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a type.
    'type Json<T> = 0 extends 1 & T ? T : T extends string ? `${T}` : T extends object ?',
    '  { [K in keyof T as NonNullable<T[K]> extends (...args: never[]) => unknown ? never : K]: Json<T[K]> } : T;',
  ];
  dashboards.forEach((dashboard, index) => {
    // The SDK's type for the queries of a panel is an empty interface: they are checked by themselves, like options.
    const bare = {
      ...dashboard,
      panels: dashboard.panels.map(({ targets: _, ...panel }) => panel),
    };
    lines.push(`const dashboard${index}: Json<Dashboard> = ${JSON.stringify(bare)};`);
    for (const panel of graphs(dashboard.panels)) {
      const name = `panel${index}_${panel.id}`;
      const type = panel.type.replace('-', '');
      lines.push(`const ${name}_targets: Json<Dataquery>[] = ${JSON.stringify(panel.targets)};`);
      lines.push(`const ${name}_options: Json<${type}.Options> = ${JSON.stringify(panel.options)};`);
      const custom = panel.fieldConfig?.defaults.custom;
      if (custom !== undefined) {
        lines.push(`const ${name}_custom: Json<${type}.FieldConfig> = ${JSON.stringify(custom)};`);
      }
    }
  });
  const file = join(__dirname, 'dashboards-as-types.ts');
  const options: ts.CompilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => path === file || fileExists.call(host, path);
  host.getSourceFile = (path, ...rest) =>
    path === file
      ? ts.createSourceFile(path, lines.join('\n'), ts.ScriptTarget.ES2022)
      : getSourceFile.call(host, path, ...rest);
  return ts
    .getPreEmitDiagnostics(ts.createProgram([file], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
