import * as k8s from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { APP } from './app-manifests.ts';
import { Component } from './component.ts';
import { GRAFANA } from './grafana-manifests.ts';
import { labels, namesOf, OPERATOR_NAMESPACE, PORTS, selector } from './names.ts';
import { PROMETHEUS } from './prometheus-manifests.ts';

/** What the policies are made from, as plain values. */
export interface NetworkValues {
  /**
   * Namespace of the database. Like the others, it must exist already.
   * @example 'crdb'
   */
  readonly database: string;
  /**
   * Name of the CrdbCluster.
   * @default 'crdb'
   * @example 'orders'
   */
  readonly cluster?: string;
  /**
   * Namespace of the sample app.
   * @example 'sample-app'
   */
  readonly app: string;
  /**
   * Namespace of Prometheus and Grafana.
   * @example 'observability'
   */
  readonly observability: string;
  /**
   * Address of the collection of backups. A bucket needs egress to its own port and to the cloud's credentials.
   * @example 's3://bucket/evolution?AUTH=implicit'
   */
  readonly backupDestination: string;
  /**
   * Whether a load balancer exposes the app outside the cluster.
   * @default false
   * @example true
   */
  readonly appPublic?: boolean;
}

/** Arguments of `NetworkPolicies`. */
export type NetworkArgs = { readonly [Name in keyof NetworkValues]: pulumi.Input<NetworkValues[Name]> };

/**
 * Network policies that deny all traffic in the three namespaces except the flows that the components need. They have an effect where
 * the network plugin enforces policies: kind from v0.24 on, GKE with Dataplane V2, EKS with the VPC CNI's network policies enabled.
 *
 * Port-forwards and probes need no policy: they come from the pod's own node.
 *
 * @example
 * new NetworkPolicies('network', {
 *   database: 'crdb', app: 'sample-app', observability: 'observability',
 *   backupDestination: 's3://bucket/evolution?AUTH=implicit',
 * }, { dependsOn: namespaces });
 */
export class NetworkPolicies extends Component<NetworkArgs> {
  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super('NetworkPolicies', name, args, opts);
    const manifests = pulumi.output(args).apply((values) => networkPolicies(values as NetworkValues));
    for (const [part, policies] of Object.entries(POLICIES) as [Part, readonly string[]][]) {
      for (const [index, policy] of policies.entries()) {
        const manifest = manifests.apply((all) => all[part][index] as Policy);
        new k8s.networking.v1.NetworkPolicy(
          `${name}-${part}-${policy}`,
          {
            apiVersion: 'networking.k8s.io/v1',
            kind: 'NetworkPolicy',
            metadata: manifest.metadata,
            spec: manifest.spec,
          },
          this.childOptions,
        );
      }
    }
    this.registerOutputs({});
  }
}

/** Names of the policies of each namespace, in the order of `networkPolicies`. They are known before any argument is. */
const POLICIES = {
  database: ['default-deny', 'dns', 'database', 'load'],
  app: ['default-deny', 'dns', 'app'],
  observability: ['default-deny', 'dns', 'prometheus', 'grafana'],
} as const;
type Part = keyof typeof POLICIES;
type Policy = ReturnType<typeof policy>;

/** The policies of each namespace. What one side may send, the other may receive: each flow is named at both ends. */
export function networkPolicies(args: NetworkValues): Record<Part, Policy[]> {
  const { pods } = namesOf(args.cluster);
  const here = (labels: Record<string, string>) => ({ podSelector: { matchLabels: labels } });
  const inNamespace = (name: string, labels: Record<string, string> = {}) => ({
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
    podSelector: { matchLabels: labels },
  });
  const databasePorts = tcp(PORTS.sql, PORTS.rpc, PORTS.http);
  const database = inNamespace(args.database, pods);
  const load = inNamespace(args.database, LOAD);
  const app = inNamespace(args.app, selector(APP));
  const prometheus = inNamespace(args.observability, selector(PROMETHEUS));

  return {
    database: [
      ...everywhere(args.database),
      policy(args.database, 'database', pods, {
        ingress: [
          { from: [here(pods), inNamespace(OPERATOR_NAMESPACE)], ports: databasePorts },
          { from: [here(LOAD), app], ports: tcp(PORTS.sql) },
          { from: [prometheus], ports: tcp(PORTS.http) },
        ],
        egress: [{ to: [here(pods)], ports: databasePorts }, ...outside(args.backupDestination)],
      }),
      policy(args.database, 'load', LOAD, {
        ingress: [{ from: [prometheus], ports: tcp(PORTS.load) }],
        egress: [{ to: [here(pods)], ports: tcp(PORTS.sql) }],
      }),
    ],
    app: [
      ...everywhere(args.app),
      policy(args.app, 'app', selector(APP), {
        ingress: [{ ...(args.appPublic ? {} : { from: [prometheus] }), ports: tcp(PORTS.app) }],
        egress: [
          { to: [database], ports: tcp(PORTS.sql) },
          { to: [prometheus], ports: tcp(PORTS.prometheus) },
        ],
      }),
    ],
    observability: [
      ...everywhere(args.observability),
      policy(args.observability, 'prometheus', selector(PROMETHEUS), {
        ingress: [{ from: [here(selector(GRAFANA)), app], ports: tcp(PORTS.prometheus) }],
        egress: [
          { to: [database], ports: tcp(PORTS.http) },
          { to: [app], ports: tcp(PORTS.app) },
          { to: [load], ports: tcp(PORTS.load) },
          // The API server, to find the pods. It is no pod, and has another address in every cluster.
          { ports: tcp(443, 6443) },
        ],
      }),
      policy(args.observability, 'grafana', selector(GRAFANA), {
        ingress: [],
        egress: [{ to: [here(selector(PROMETHEUS))], ports: tcp(PORTS.prometheus) }],
      }),
    ],
  };
}

/** The generator and the Job that loads its data. */
const LOAD = {
  'app.kubernetes.io/component': 'load',
  'app.kubernetes.io/part-of': 'cockroachdb-live-evolution',
};

/** Addresses of this machine, for this machine only: node-local DNS, and the clouds' credentials. */
const NODE_LOCAL_DNS = '169.254.20.10/32';
const METADATA = '169.254.169.254/32';
const GKE_METADATA = '169.254.169.252/32';
const EKS_POD_IDENTITY = '169.254.170.23/32';

interface Rules {
  readonly ingress: object[];
  readonly egress: object[];
}

function policy(namespace: string, name: string, pods: Record<string, string>, rules: Rules) {
  return {
    apiVersion: 'networking.k8s.io/v1' as const,
    kind: 'NetworkPolicy' as const,
    metadata: { name, namespace, labels: labels(name, 'network') },
    spec: { podSelector: { matchLabels: pods }, policyTypes: ['Ingress', 'Egress'], ...rules },
  };
}

/** For all pods of a namespace: nothing, but names. */
function everywhere(namespace: string) {
  const dns = {
    to: [
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
        // kube-dns is CoreDNS's label too, on kind, EKS and GKE; the other is GKE's cache on each node,
        podSelector: {
          matchExpressions: [{ key: 'k8s-app', operator: 'In', values: ['kube-dns', 'node-local-dns'] }],
        },
      },
      // which elsewhere runs in the node's own network, where only its address can be named.
      { ipBlock: { cidr: NODE_LOCAL_DNS } },
    ],
    ports: [{ protocol: 'UDP', port: 53 }, ...tcp(53)],
  };
  return [
    policy(namespace, 'default-deny', {}, { ingress: [], egress: [] }),
    policy(namespace, 'dns', {}, { ingress: [], egress: [dns] }),
  ];
}

/** Ways out of the cluster: backup storage and CockroachDB's telemetry, which a free licence asks for. */
function outside(backupDestination: string): object[] {
  const ports = [...new Set([443, ...endpointPort(backupDestination)])];
  if (backupDestination.startsWith('nodelocal:')) return [{ ports: tcp(...ports) }];
  const machine = (cidr: string) => ({ ipBlock: { cidr } });
  return [
    { ports: tcp(...ports) },
    // Workload identity: the pod asks its own machine for the credentials of the bucket.
    { to: [machine(METADATA), machine(EKS_POD_IDENTITY)], ports: tcp(80) },
    { to: [machine(GKE_METADATA)], ports: tcp(988) },
  ];
}

/** The port of an S3-compatible store, such as MinIO, which the address names as AWS_ENDPOINT. */
function endpointPort(backupDestination: string): number[] {
  const endpoint = new URLSearchParams(backupDestination.split('?')[1]).get('AWS_ENDPOINT');
  if (!endpoint || !URL.canParse(endpoint)) return [];
  const { port, protocol } = new URL(endpoint);
  return [port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port)];
}

function tcp(...ports: number[]) {
  return ports.map((port) => ({ protocol: 'TCP' as const, port }));
}
