import { expect, it } from 'vitest';
import { SampleApp } from './app.ts';
import { Certificates, nodeNames } from './certificates.ts';
import { Cluster, crdbCluster } from './cluster.ts';
import { LoadGenerator } from './loadgen.ts';
import { namesOf } from './names.ts';
import { networkPolicies } from './network.ts';
import { prometheusConfig } from './prometheus-config.ts';
import { inPlainText, manifests, recorded } from './recorded.ts';
import { Services } from './services.ts';

const NAMESPACE = 'databases';
const values = {
  namespace: NAMESPACE,
  nodes: 1,
  cockroachVersion: 'v26.2.5',
  storageSize: '10Gi',
  cpu: '1',
  cpuLimit: '2',
  memory: '2Gi',
  spread: 'hostname',
} as const;

/** What a platform team makes for one cluster. */
function make(cluster?: string): void {
  const named = cluster === undefined ? {} : { cluster };
  const { load, writer } = {
    load: { kind: 'kv', warehouses: 1, rate: 20 } as const,
    writer: { name: 'app_writer', password: 'password' },
  };
  const certificates = new Certificates(`${cluster}-certificates`, { namespace: NAMESPACE, ...named });
  new Cluster(`${cluster}`, { ...values, ...named });
  new Services(`${cluster}-services`, { namespace: NAMESPACE, ...named });
  new LoadGenerator(`${cluster}-load`, {
    namespace: NAMESPACE,
    ...named,
    cockroachVersion: 'v26.2.5',
    workload: load,
    clientSecret: certificates.loadSecret,
    rootSecret: certificates.rootSecret,
  });
  new SampleApp(`${cluster}-app`, {
    namespace: `app-of-${cluster}`,
    databaseNamespace: NAMESPACE,
    ...named,
    image: 'sample-app:0.1.0',
    ca: certificates.ca,
    writer,
  });
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
}
const identity = ({ kind, metadata }: Manifest) => `${kind} ${metadata.namespace}/${metadata.name}`;

it('two clusters can share a namespace: no object of one has the name of one of the other', async () => {
  const made = manifests(
    await recorded(() => {
      make();
      make('orders');
    }),
  ).map((manifest) => identity(inPlainText(manifest) as unknown as Manifest));
  const shared = made.filter((name) => name.includes(`${NAMESPACE}/`));
  expect(shared).toHaveLength(2 * 8);
  expect(new Set(made).size).toBe(made.length);
  expect(shared.filter((name) => name.includes('/crdb'))).toHaveLength(8);
  expect(shared.filter((name) => name.includes('/orders'))).toHaveLength(8);
});

it('nothing of a named cluster refers to the one of the default name', async () => {
  const objects = manifests(await recorded(() => make('orders')));
  const text = JSON.stringify(inPlainText(objects)).replaceAll(/crdb\.cockroachlabs\.com|CrdbCluster/g, '');
  expect(text).not.toContain('crdb');
});

it('a named cluster, its certificates, Services, policies and scrapes agree on its names', () => {
  const names = namesOf('orders');
  const { spec, metadata } = crdbCluster({ ...values, cluster: 'orders' });
  expect(metadata.name).toBe('orders');
  expect(spec).toMatchObject({ nodeTLSSecret: names.nodeSecret, clientTLSSecret: names.rootSecret });
  expect(spec.additionalArgs[0]).toContain(`orders-0.orders.${NAMESPACE}:`);
  expect(JSON.stringify(spec.topologySpreadConstraints)).toContain('"app.kubernetes.io/instance":"orders"');
  const { dns } = nodeNames(NAMESPACE, 'orders');
  for (const name of ['*.orders', 'orders-public', names.writer, names.reader]) expect(dns).toContain(name);

  const others = { app: 'shop', observability: 'watch', backupDestination: 'nodelocal://1/backups' };
  const policies = networkPolicies({ database: NAMESPACE, cluster: 'orders', ...others });
  expect(policies.database.map(({ spec }) => spec.podSelector.matchLabels)).toContainEqual(names.pods);
  const scrapes = prometheusConfig({
    databaseNamespace: NAMESPACE,
    cluster: 'orders',
    appNamespace: 'shop',
    caFile: 'ca.crt',
    ruleFiles: '*.yml',
  });
  expect(scrapes).toContain('server_name: orders-writer');
  expect(scrapes).toContain('app.kubernetes.io/instance=orders');
});

it('takes Secrets that something else makes, such as cert-manager', () => {
  const { spec } = crdbCluster({ ...values, nodeSecret: 'nodes-by-other', rootSecret: 'root-by-other' });
  expect(spec).toMatchObject({ nodeTLSSecret: 'nodes-by-other', clientTLSSecret: 'root-by-other' });
});
