import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { anyFreePort, HOST } from '../../cli/lib/machine/ports.ts';
import { prometheusConfig } from '../../components/prometheus-config.ts';
import { repositoryFiles } from '../../components/repository-files.ts';

/** A pod that listens on loopback: what Kubernetes would tell Prometheus of it. */
export interface Pod {
  readonly job: string;
  readonly namespace: string;
  readonly name: string;
  /** Name of the container's port. */
  readonly portName: string;
  readonly address: string;
}

const RESULT = z.object({
  data: z.object({
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) }),
    ),
  }),
});
const TARGETS = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({
        scrapePool: z.string(),
        health: z.string(),
        lastError: z.string(),
        labels: z.record(z.string(), z.string()),
      }),
    ),
  }),
});
const RULES = z.object({
  data: z.object({
    groups: z.array(
      z.object({
        rules: z.array(z.object({ name: z.string(), health: z.string(), state: z.string().optional() })),
      }),
    ),
  }),
});

/** A real Prometheus with the project's own configuration and rules. It scrapes once a second. */
export class TestPrometheus {
  readonly configFile: string;
  readonly #process: ChildProcess;
  readonly #url: string;

  private constructor(configFile: string, child: ChildProcess, url: string) {
    this.configFile = configFile;
    this.#process = child;
    this.#url = url;
  }

  static async start(directory: string, pods: readonly Pod[], caFile: string): Promise<TestPrometheus> {
    const rules = join(directory, 'rules');
    mkdirSync(rules, { recursive: true });
    for (const [name, text] of Object.entries(repositoryFiles('alerts', '.yml')))
      writeFileSync(join(rules, name), text);
    const config = join(directory, 'prometheus.yml');
    writeFileSync(config, onLoopback(pods, caFile, `${rules}/*.yml`));
    const url = `${HOST}:${await anyFreePort()}`;
    const child = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${directory}/data`,
        `--web.listen-address=${url}`,
        '--log.level=error',
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    return new TestPrometheus(config, child, `http://${url}`);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    this.#process.kill('SIGTERM');
    await once(this.#process, 'exit');
  }

  /** What an instant query returns: the finite values, with their labels. */
  async query(expr: string): Promise<{ labels: Record<string, string>; value: number }[]> {
    const { data } = RESULT.parse(await this.#get(`/api/v1/query?query=${encodeURIComponent(expr)}`));
    return data.result
      .map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
      .filter(({ value }) => Number.isFinite(value));
  }

  /** The targets, by job: `up`, or what is wrong. */
  async targets(): Promise<Record<string, string>> {
    const { data } = TARGETS.parse(await this.#get('/api/v1/targets'));
    return Object.fromEntries(
      data.activeTargets.map(({ scrapePool, labels, health, lastError }) => [
        `${scrapePool} ${labels.namespace ?? '-'}/${labels.pod ?? '-'}`,
        lastError || health,
      ]),
    );
  }

  async rules(): Promise<
    readonly { readonly name: string; readonly health: string; readonly state?: string | undefined }[]
  > {
    return RULES.parse(await this.#get('/api/v1/rules')).data.groups.flatMap(({ rules }) => rules);
  }

  async #get(path: string): Promise<unknown> {
    return (await fetch(this.#url + path)).json();
  }
}

/**
 * The generated configuration with Kubernetes' discovery replaced by what it would have found. All else stays: paths, TLS,
 * relabelling.
 */
function onLoopback(pods: readonly Pod[], caFile: string, ruleFiles: string): string {
  const config = parse(
    prometheusConfig({ databaseNamespace: 'd', appNamespace: 'a', caFile, ruleFiles }),
  ) as {
    global: Record<string, string>;
    scrape_configs: { job_name: string; kubernetes_sd_configs?: unknown; static_configs?: unknown }[];
  };
  Object.assign(config.global, { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' });
  config.scrape_configs = config.scrape_configs
    .filter((job) => job.kubernetes_sd_configs !== undefined)
    .map(({ kubernetes_sd_configs: _, ...job }) => ({
      ...job,
      static_configs: pods
        .filter((pod) => pod.job === job.job_name)
        .map((pod) => ({
          targets: [pod.address],
          labels: {
            __meta_kubernetes_namespace: pod.namespace,
            __meta_kubernetes_pod_name: pod.name,
            __meta_kubernetes_pod_phase: 'Running',
            __meta_kubernetes_pod_container_port_name: pod.portName,
          },
        })),
    }));
  return stringify(config);
}
