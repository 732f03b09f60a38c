import { stringify } from 'yaml';
import { APP } from './app-manifests.ts';
import { namesOf, selector } from './names.ts';

/** Interval between two scrapes. */
export const SCRAPE_INTERVAL = '15s';

export interface PrometheusConfigArgs {
  /** Namespace of the database and the load. */
  readonly databaseNamespace: string;
  /** Name of the CrdbCluster; `crdb` if absent. */
  readonly cluster?: string | undefined;
  /** Namespace of the sample app. */
  readonly appNamespace: string;
  /** File with the certificate of the database's CA. */
  readonly caFile: string;
  /** Pattern of the files with alert rules. */
  readonly ruleFiles: string;
}

/**
 * The content of prometheus.yml. It finds pods by their labels and the names of their ports, so it is the same for one node and for
 * three.
 */
export function prometheusConfig(args: PrometheusConfigArgs): string {
  const names = namesOf(args.cluster);
  return stringify({
    global: { scrape_interval: SCRAPE_INTERVAL, scrape_timeout: '10s', evaluation_interval: SCRAPE_INTERVAL },
    rule_files: [args.ruleFiles],
    scrape_configs: [
      {
        job_name: 'cockroachdb',
        // Flat names; /metrics renames them (prometheus-endpoint.md, v26.2). Needs no login.
        metrics_path: '/_status/vars',
        scheme: 'https',
        // Pods are scraped by address, but their certificates name Services: each node's has this one.
        tls_config: { ca_file: args.caFile, server_name: names.writer },
        // CockroachDB's own rules and dashboards group by a label `cluster`, which the scraper must set.
        ...pods(args.databaseNamespace, names.pods, 'http', {
          target_label: 'cluster',
          replacement: names.cluster,
        }),
      },
      { job_name: 'sample-app', ...pods(args.appNamespace, selector(APP), 'http') },
      { job_name: 'workload', ...pods(args.databaseNamespace, selector(names.load), 'metrics') },
      { job_name: 'prometheus', static_configs: [{ targets: ['localhost:9090'] }] },
    ],
  });
}

interface Relabel {
  readonly source_labels?: readonly string[];
  readonly regex?: string;
  readonly action?: string;
  readonly target_label?: string;
  readonly replacement?: string;
}

/** The pods of one namespace with these labels, at the port of this name. */
function pods(
  namespace: string,
  labels: Readonly<Record<string, string>>,
  port: string,
  ...more: readonly Relabel[]
) {
  const label = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const relabel_configs: Relabel[] = [
    { source_labels: ['__meta_kubernetes_pod_container_port_name'], regex: port, action: 'keep' },
    { source_labels: ['__meta_kubernetes_pod_phase'], regex: 'Succeeded|Failed', action: 'drop' },
    { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
    { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' },
    // A pod that comes back has another address; its name keeps its series together.
    { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'instance' },
    ...more,
  ];
  return {
    kubernetes_sd_configs: [
      {
        role: 'pod',
        namespaces: { names: [namespace] },
        selectors: [{ role: 'pod', label: label.join(',') }],
      },
    ],
    relabel_configs,
  };
}
