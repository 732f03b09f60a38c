import { describe, expect, it } from 'vitest';
import { deployment } from './app-manifests.ts';
import { initJob, runDeployment } from './loadgen.ts';
import { DATABASE_PODS, labels } from './names.ts';
import { NetworkPolicies, networkPolicies } from './network.ts';
import { recorded } from './recorded.ts';

const args = {
  database: 'crdb',
  app: 'sample-app',
  observability: 'observability',
  backupDestination: 'nodelocal://1/backups',
};

interface Peer {
  podSelector?: { matchLabels?: Labels; matchExpressions?: { key: string; values: string[] }[] };
  namespaceSelector?: { matchLabels: Labels };
  ipBlock?: { cidr: string };
}
interface Rule {
  from?: Peer[];
  to?: Peer[];
  ports: { protocol: string; port: number }[];
}
interface Policy {
  metadata: { namespace: string };
  spec: { podSelector: { matchLabels: Labels }; ingress: Rule[]; egress: Rule[] };
}
type Labels = Readonly<Record<string, string>>;
/** A pod, or the address of something that is none. */
type Party = { namespace: string; labels: Labels } | string;

const matches = (wanted: Labels = {}, labels: Labels) =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value);

function isPeer(peer: Peer, party: Party, policyNamespace: string): boolean {
  // Addresses of the tests are written as the policies write them.
  if (typeof party === 'string') return peer.ipBlock?.cidr === party;
  if (peer.ipBlock) return false;
  const namespace = peer.namespaceSelector?.matchLabels['kubernetes.io/metadata.name'] ?? policyNamespace;
  return (
    namespace === party.namespace &&
    matches(peer.podSelector?.matchLabels, party.labels) &&
    (peer.podSelector?.matchExpressions ?? []).every((e) => e.values.includes(party.labels[e.key] ?? ''))
  );
}

/** Whether the policies of one side let the traffic pass, by the rules of Kubernetes: no policy, no limit. */
function passes(side: 'ingress' | 'egress', of: Party, other: Party, port: number, given: Policy[]): boolean {
  if (typeof of === 'string') return true;
  const mine = given.filter(
    ({ metadata, spec }) =>
      metadata.namespace === of.namespace && matches(spec.podSelector.matchLabels, of.labels),
  );
  if (mine.length === 0) return true;
  return mine.some(({ metadata, spec }) =>
    spec[side].some((rule) => {
      const peers = side === 'ingress' ? rule.from : rule.to;
      return (
        rule.ports.some((p) => p.port === port) &&
        (peers === undefined || peers.some((peer) => isPeer(peer, other, metadata.namespace)))
      );
    }),
  );
}

const all = (more: Partial<Parameters<typeof networkPolicies>[0]> = {}) =>
  Object.values(networkPolicies({ ...args, ...more })).flat() as Policy[];
const allowed = (from: Party, to: Party, port: number, given = all()) =>
  passes('egress', from, to, port, given) && passes('ingress', to, from, port, given);

// Labels as the other components give them.
interface Workload {
  spec: { template: { metadata: { labels: Labels } } };
}
const pod = (namespace: string, workload: unknown) => ({
  namespace,
  labels: (workload as Workload).spec.template.metadata.labels,
});
const loadArgs = {
  namespace: 'crdb',
  cockroachVersion: 'v26.2.5',
  workload: { kind: 'tpcc', warehouses: 1, rate: 1 },
  clientSecret: 's',
  rootSecret: 'r',
} as const;
const pods = {
  database: { namespace: 'crdb', labels: DATABASE_PODS },
  load: pod('crdb', runDeployment(loadArgs)),
  'init job': pod('crdb', initJob(loadArgs)),
  app: pod(
    'sample-app',
    deployment({ namespace: 'sample-app', image: 'a:1', replicas: 1, autoscaling: false }),
  ),
  prometheus: { namespace: 'observability', labels: labels('prometheus', 'observability') },
  grafana: { namespace: 'observability', labels: labels('grafana', 'observability') },
  operator: { namespace: 'cockroach-operator-system', labels: { app: 'cockroach-operator' } },
  dns: { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
  stranger: { namespace: 'default', labels: labels('sample-app', 'app') },
} as const;
type Pod = keyof typeof pods;

const FLOWS: readonly [Pod, Pod, readonly number[]][] = [
  ['database', 'database', [26257, 26258, 8080]],
  ['operator', 'database', [26257, 26258, 8080]],
  ['load', 'database', [26257]],
  ['init job', 'database', [26257]],
  ['app', 'database', [26257]],
  ['app', 'prometheus', [9090]],
  ['prometheus', 'database', [8080]],
  ['prometheus', 'app', [8080]],
  ['prometheus', 'load', [2112]],
  ['prometheus', 'init job', [2112]],
  ['grafana', 'prometheus', [9090]],
];

describe('the network policies', () => {
  it('let exactly the flows pass that exist, between all pods and on all ports that there are', () => {
    const ports = [26257, 26258, 8080, 9090, 3000, 2112];
    const inside = Object.keys(pods).filter((name) => name !== 'dns') as Pod[];
    const open = inside
      .flatMap((from) => inside.map((to) => [from, to] as const))
      // What passes between pods outside the three namespaces is not theirs to say.
      .filter((pair) => !pair.every((name) => name === 'operator' || name === 'stranger'))
      .flatMap(([from, to]) => {
        const passing = ports.filter((port) => allowed(pods[from], pods[to], port));
        return passing.length > 0 ? [`${from} -> ${to}: ${passing}`] : [];
      });
    expect(open.sort()).toEqual(FLOWS.map(([from, to, p]) => `${from} -> ${to}: ${p}`).sort());
  });

  it.each(['database', 'load', 'app', 'prometheus', 'grafana'] as const)('let %s ask for names', (name) => {
    expect(allowed(pods[name], pods.dns, 53)).toBe(true);
    expect(allowed(pods[name], '169.254.20.10/32', 53)).toBe(true);
    expect(allowed(pods[name], pods.stranger, 53)).toBe(false);
  });

  it('let only the database and Prometheus leave the cluster, for storage and the API server', () => {
    const outside = '203.0.113.7/32';
    const leave = (Object.keys(pods) as Pod[]).filter(
      (name) =>
        ['crdb', 'sample-app', 'observability'].includes(pods[name].namespace) &&
        allowed(pods[name], outside, 443),
    );
    expect(leave).toEqual(['database', 'prometheus']);
    expect(allowed(pods.prometheus, outside, 6443)).toBe(true);
    expect(allowed(pods.database, outside, 6443)).toBe(false);
  });

  it('let the database ask its machine for credentials only when backups go to a bucket', () => {
    const bucket = all({ backupDestination: 's3://bucket/path?AUTH=implicit' });
    for (const [address, port] of [
      ['169.254.169.254/32', 80],
      ['169.254.170.23/32', 80],
      ['169.254.169.252/32', 988],
    ] as const) {
      expect(allowed(pods.database, address, port, bucket)).toBe(true);
      expect(allowed(pods.database, address, port)).toBe(false);
      expect(allowed(pods.app, address, port, bucket)).toBe(false);
    }
  });

  it('let the database reach the port of a store that the address names', () => {
    const backupDestination = 's3://backups?AWS_ENDPOINT=http%3A%2F%2Fminio.minio%3A9000&AUTH=specified';
    const minio = { namespace: 'minio', labels: { app: 'minio' } };
    expect(allowed(pods.database, minio, 9000, all({ backupDestination }))).toBe(true);
    expect(allowed(pods.database, minio, 9000)).toBe(false);
  });

  it('let others than Prometheus reach the app only when it is public', () => {
    expect(allowed(pods.stranger, pods.app, 8080, all({ appPublic: true }))).toBe(true);
    expect(allowed(pods.stranger, pods.app, 8080)).toBe(false);
  });
});

it('are one resource each, named after its part and its policy', async () => {
  const made = await recorded(() => void new NetworkPolicies('network', args));
  expect(made).toHaveLength(all().length);
  expect(made.map(({ inputs }) => inputs)).toEqual(expect.arrayContaining(all()));
  expect(made.map(({ name }) => name)).toContain('network-database-default-deny');
  for (const { name, inputs } of made)
    expect(name.split('-').slice(2).join('-')).toBe((inputs.metadata as { name: string }).name);
  expect(new Set(made.map(({ name }) => name)).size).toBe(made.length);
});
