import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { deployment as appDeployment } from './app-manifests.ts';
import { nodeNames } from './certificates.ts';
import { runDeployment } from './loadgen.ts';
import { DATABASE_PODS } from './names.ts';
import { Prometheus, type PrometheusArgs } from './prometheus.ts';
import { prometheusConfig } from './prometheus-config.ts';
import { deployment, prometheusUrl, retentionSize } from './prometheus-manifests.ts';
import { recorded } from './recorded.ts';
import { repositoryFiles } from './repository-files.ts';

const directory = mkdtempSync(join(tmpdir(), 'prometheus-config-'));
afterAll(() => rmSync(directory, { recursive: true }));
const caFile = join(directory, 'ca.crt');
const PLACES = { databaseNamespace: 'crdb', appNamespace: 'sample-app' };
const TEXT = prometheusConfig({ ...PLACES, caFile, ruleFiles: join(directory, '*.rules') });

interface Job {
  job_name: string;
  scheme?: string;
  tls_config?: { ca_file: string; server_name: string };
  kubernetes_sd_configs?: { namespaces: { names: string[] }; selectors: { label: string }[] }[];
  relabel_configs?: { regex?: string; action?: string; target_label?: string; replacement?: string }[];
}
const JOBS = (parse(TEXT) as { scrape_configs: Job[] }).scrape_configs;
const job = (name: string) => JOBS.find((j) => j.job_name === name) as Job;

describe('the scrape configuration', () => {
  it('has a job for the database, the app, the load, and itself', () => {
    expect(JOBS.map((j) => j.job_name)).toEqual(['cockroachdb', 'sample-app', 'workload', 'prometheus']);
  });

  it("verifies the database by a name that every node's certificate has", () => {
    const { scheme, tls_config } = job('cockroachdb');
    expect(scheme).toBe('https');
    expect(tls_config?.ca_file).toBe(caFile);
    expect(nodeNames('anything').dns).toContain(tls_config?.server_name);
    expect(TEXT).not.toContain('insecure_skip_verify');
  });

  /** The labels and named ports of a Deployment's pods. */
  function found(manifest: object) {
    const { template } = (
      manifest as {
        spec: {
          template: {
            metadata: { labels: Record<string, string> };
            spec: { containers: { ports: { name: string }[] }[] };
          };
        };
      }
    ).spec;
    const ports = template.spec.containers.flatMap((c) => c.ports.map((p) => p.name));
    return { labels: template.metadata.labels, ports };
  }
  const load = runDeployment({
    namespace: 'crdb',
    cockroachVersion: 'v26.2.5',
    workload: { kind: 'tpcc', warehouses: 1, rate: 1 },
    clientSecret: 's',
    rootSecret: 'r',
  });
  const app = appDeployment({ namespace: 'a', image: 'a:1', replicas: 1, autoscaling: false });

  it.each([
    // The operator's pods: labels and port names from the facts of operator v2.18.3.
    ['cockroachdb', 'crdb', { labels: DATABASE_PODS, ports: ['grpc', 'http', 'sql'] }],
    ['sample-app', 'sample-app', found(app)],
    ['workload', 'crdb', found(load)],
  ])('finds the pods of %s', (name, namespace, pods) => {
    const { kubernetes_sd_configs = [], relabel_configs = [] } = job(name);
    expect(kubernetes_sd_configs).toHaveLength(1);
    expect(kubernetes_sd_configs[0]?.namespaces.names).toEqual([namespace]);
    const wanted = Object.fromEntries(
      (kubernetes_sd_configs[0]?.selectors[0]?.label ?? '').split(',').map((pair) => pair.split('=')),
    );
    expect(pods.labels).toMatchObject(wanted);
    expect(pods.ports).toContain(relabel_configs.find((r) => r.action === 'keep')?.regex);
    const labels = relabel_configs.flatMap((r) => r.target_label ?? []);
    expect(labels).toEqual(expect.arrayContaining(['namespace', 'pod', 'instance']));
  });

  it("gives the database the label that CockroachDB's own rules group by", () => {
    expect(job('cockroachdb').relabel_configs).toContainEqual({
      target_label: 'cluster',
      replacement: 'crdb',
    });
  });
});

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
if (!hasPromtool)
  console.warn('SKIPPED: promtool is not here (Debian: prometheus), nothing checks prometheus.yml');

describe.skipIf(!hasPromtool)('promtool', () => {
  function check(text: string): { status: number | null; output: string } {
    const file = join(directory, 'prometheus.yml');
    writeFileSync(file, text);
    writeFileSync(caFile, 'PEM');
    writeFileSync(join(directory, 'some.rules'), stringify({ groups: [] }));
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'config', file], { encoding: 'utf8' });
    return { status, output: stdout + stderr };
  }
  // Debian builds it without the discovery of Kubernetes; the rest of the file can be checked all the same.
  function whole(): string {
    if (!check(TEXT).output.includes('kubernetes_sd_configs not found')) return TEXT;
    console.warn(
      'SKIPPED in part: this promtool knows no kubernetes_sd_configs, they are left out of the check',
    );
    const config = parse(TEXT) as { scrape_configs: Job[] };
    for (const j of config.scrape_configs) delete j.kubernetes_sd_configs;
    return stringify(config);
  }

  it('accepts prometheus.yml', () => {
    const { status, output } = check(whole());
    expect(output).toContain('SUCCESS');
    expect(status).toBe(0);
  });

  it('would refuse a mistake in it', () => {
    expect(check(whole().replace('action: keep', 'action: kepe')).status).not.toBe(0);
  });

  it('accepts the alert rules that there are', () => {
    for (const [name, text] of Object.entries(repositoryFiles('alerts', '.yml'))) {
      writeFileSync(join(directory, name), text);
      execFileSync('promtool', ['check', 'rules', join(directory, name)], { stdio: 'pipe' });
    }
  });
});

describe('Prometheus', () => {
  const ARGS: PrometheusArgs = {
    ...PLACES,
    namespace: 'observability',
    image: 'prom/prometheus:v3.5.0',
    retention: '2d',
    storage: '5Gi',
    storageClass: 'fast',
    ca: 'PEM',
  };
  const made = (args: Partial<PrometheusArgs> = {}) =>
    recorded(() => new Prometheus('prometheus', { ...ARGS, ...args }));

  it('may find the pods of the two namespaces it scrapes, and nothing else', async () => {
    const resources = await made();
    expect(resources.filter((r) => /Cluster/.test(r.type))).toEqual([]);
    const roles = resources.filter((r) => r.inputs.kind === 'Role');
    expect(roles.map((r) => (r.inputs.metadata as { namespace: string }).namespace)).toEqual([
      'crdb',
      'sample-app',
    ]);
    for (const role of roles)
      expect(role.inputs.rules).toEqual([
        { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
      ]);
    for (const binding of resources.filter((r) => r.inputs.kind === 'RoleBinding'))
      expect(binding.inputs.subjects).toEqual([
        { kind: 'ServiceAccount', name: 'prometheus', namespace: 'observability' },
      ]);
  });

  it('has a disk of the size and class asked for, or none', async () => {
    const disks = async (args: Partial<PrometheusArgs>) =>
      (await made(args)).filter((r) => r.inputs.kind === 'PersistentVolumeClaim').map((r) => r.inputs.spec);
    expect(await disks({})).toMatchObject([
      { storageClassName: 'fast', resources: { requests: { storage: '5Gi' } } },
    ]);
    expect(await disks({ storageClass: undefined })).not.toMatchObject([
      { storageClassName: expect.anything() },
    ]);
    expect(await disks({ storage: '0' })).toEqual([]);
    expect(JSON.stringify(deployment({ ...ARGS, storage: '0' }))).not.toContain('persistentVolumeClaim');
  });

  it.each([
    ['5Gi', '4096MB'],
    ['10G', '7629MB'],
    ['1Ti', '838860MB'],
    ['500Mi', '400MB'],
  ])('throws the oldest samples away before %s are full', (storage, size) => {
    expect(retentionSize(storage)).toBe(size);
    expect(JSON.stringify(deployment({ ...ARGS, storage }))).toContain(`retention.size=${size}`);
  });

  it('refuses a size that is none', () => {
    expect(() => retentionSize('lots')).toThrow('5Gi');
  });

  it('is found by others at its Service', async () => {
    const service = (await made()).find((r) => r.inputs.kind === 'Service')?.inputs;
    expect(prometheusUrl('observability')).toBe('http://prometheus.observability.svc:9090');
    expect(service).toMatchObject({
      metadata: { name: 'prometheus' },
      spec: { ports: [{ port: 9090, targetPort: 'http' }] },
    });
  });
});
