import { execFileSync } from 'node:child_process';
import * as pulumi from '@pulumi/pulumi';
import { beforeAll, describe, expect, it } from 'vitest';
import { SampleApp } from './app.ts';
import { Grafana } from './grafana.ts';
import { LoadGenerator } from './loadgen.ts';
import { Prometheus } from './prometheus.ts';
import { inPlainText, isSecret, manifests, type Recorded, recorded } from './recorded.ts';

// What holds for the load, the app, Prometheus and Grafana alike.

const WRITER = { name: 'app_writer', password: pulumi.secret('secret:writer') };
const READER = { name: 'app_reader', password: pulumi.secret('secret:reader') };

/** All four, as each phase has them, with everything optional on; in one namespace when a server is to judge them. */
function build(phase: 0 | 1, namespace?: string): Promise<Recorded[]> {
  const [database, app, observability] = [namespace ?? 'crdb', namespace ?? 'app', namespace ?? 'obs'];
  return recorded(() => {
    new LoadGenerator('load', {
      namespace: database,
      cockroachVersion: 'v26.2.5',
      workload: { kind: 'tpcc', warehouses: 1, rate: 20 },
      clientSecret: 'crdb-loadgen-tls',
      rootSecret: 'crdb-root-tls',
    });
    const prometheus = new Prometheus('prometheus', {
      namespace: observability,
      databaseNamespace: database,
      appNamespace: app,
      image: 'prom/prometheus:v3.5.0',
      retention: '2d',
      storage: '5Gi',
      ca: 'PEM',
    });
    new SampleApp('app', {
      namespace: app,
      databaseNamespace: database,
      image: 'sample-app:0.1.0',
      replicas: 2,
      autoscaling: true,
      ca: 'PEM',
      writer: WRITER,
      reader: phase === 0 ? undefined : READER,
      prometheusUrl: prometheus.url,
    });
    new Grafana('grafana', {
      namespace: observability,
      image: 'grafana/grafana:12.2.0',
      prometheusUrl: prometheus.url,
    });
  });
}

interface Container {
  image: string;
  resources: { requests: object; limits: object };
  securityContext: object;
}
interface PodSpec {
  containers: Container[];
  initContainers?: Container[];
  securityContext: object;
  automountServiceAccountToken: boolean;
}

let resources: Recorded[];
let objects: Record<string, unknown>[];
let pods: [string, PodSpec][];

beforeAll(async () => {
  resources = await build(1);
  objects = manifests(resources);
  pods = objects.flatMap((object): [string, PodSpec][] => {
    const spec = (object.spec as { template?: { spec: PodSpec } } | undefined)?.template?.spec;
    return spec === undefined ? [] : [[(object.metadata as { name: string }).name, spec]];
  });
});

describe('the pods of this project', () => {
  it('are these', () => {
    expect(pods.map(([name]) => name).sort()).toEqual([
      'crdb-loadgen',
      'crdb-loadgen-init',
      'grafana',
      'prometheus',
      'sample-app',
    ]);
  });

  it('run as a user that is not root, with nothing to gain and nothing to write to', () => {
    for (const [name, pod] of pods) {
      expect(pod.securityContext, name).toMatchObject({
        runAsNonRoot: true,
        runAsUser: expect.any(Number),
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const container of [...pod.containers, ...(pod.initContainers ?? [])])
        expect(container.securityContext, name).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
    }
  });

  it('say what they need and take at most, of images with a version', () => {
    for (const [name, pod] of pods)
      for (const { image, resources } of [...pod.containers, ...(pod.initContainers ?? [])]) {
        expect(image, name).toMatch(/:v?\d/);
        for (const amounts of [resources.requests, resources.limits])
          expect(Object.keys(amounts).sort(), name).toEqual(['cpu', 'memory']);
      }
  });

  it('hold no token of the API, but for Prometheus, which looks for pods', () => {
    const holders = pods.filter(([, pod]) => pod.automountServiceAccountToken).map(([name]) => name);
    expect(holders).toEqual(['prometheus']);
  });
});

describe('all objects', () => {
  it('have a fixed name, a namespace and the recommended labels', () => {
    for (const { kind, metadata } of objects as { kind: string; metadata: Record<string, unknown> }[]) {
      expect(metadata, kind).toMatchObject({ name: expect.any(String), namespace: expect.any(String) });
      expect(metadata.labels, kind).toMatchObject({
        'app.kubernetes.io/name': expect.any(String),
        'app.kubernetes.io/component': expect.any(String),
        'app.kubernetes.io/part-of': 'cockroachdb-live-evolution',
      });
    }
  });

  it('show a secret in Secrets only', () => {
    const open = objects.filter((o) => o.kind !== 'Secret');
    const closed = objects.filter((o) => o.kind === 'Secret');
    expect(JSON.stringify(open)).not.toContain('secret:');
    for (const value of [
      'secret%3Awriter',
      'secret%3Areader',
      'secret:app-control-token',
      'secret:grafana-admin-password',
    ])
      expect(JSON.stringify(closed)).toContain(value);
  });

  it('keep what is secret encrypted in the state', () => {
    const values = objects
      .filter((o) => o.kind === 'Secret')
      .flatMap((o) => (isSecret(o.stringData) ? [o.stringData] : Object.values(o.stringData as object)));
    expect(values.length).toBeGreaterThanOrEqual(3);
    for (const value of values) expect(isSecret(value)).toBe(true);
  });

  it('are the same in every phase, but for the Secret with the URL of the reader', async () => {
    const text = (list: Recorded[]) =>
      new Map(list.map((r) => [`${r.type} ${r.name}`, JSON.stringify(r.inputs)]));
    const [before, after] = [text(await build(0)), text(await build(1))];
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    const changed = [...after].filter(([key, value]) => before.get(key) !== value).map(([key]) => key);
    expect(changed).toEqual(['kubernetes:core/v1:Secret app-database']);
  });

  it('belong to their component: each name begins with it', () => {
    for (const { type, name } of resources) expect(name, type).toMatch(/^(load|prometheus|app|grafana)-/);
  });
});

// Dry runs only, nothing is made; and only when asked for, since a developer's current context may be anything.
const KUBECONFIG = process.env.EVOLUTION_TEST_KUBECONFIG;
if (KUBECONFIG === undefined)
  console.warn(
    'SKIPPED: no EVOLUTION_TEST_KUBECONFIG, no API server judges the load, the app, Prometheus and Grafana',
  );

describe.skipIf(KUBECONFIG === undefined)('a real API server', () => {
  it('accepts every object', async () => {
    const items = manifests(await build(1, 'default')).map(inPlainText);
    const command = ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '--validate=strict'];
    const output = execFileSync('kubectl', [...command, '--output=name', '--filename=-'], {
      encoding: 'utf8',
      env: { ...process.env, KUBECONFIG },
      input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
      stdio: 'pipe',
    });
    expect(output.trim().split('\n')).toHaveLength(items.length);
  });
});
