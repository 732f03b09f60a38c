import * as k8s from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { Component } from './component.ts';
import { labels, namesOf, PORTS } from './names.ts';
import type { FeatureGate } from './operator/objects.ts';
import type { Platform } from './platforms.ts';

/** What a cluster is made from, as plain values. */
export interface ClusterValues {
  /**
   * Name of the CrdbCluster, and so of its StatefulSet and pods. It cannot be changed later.
   * @default 'crdb'
   * @example 'orders'
   */
  readonly cluster?: string;
  /**
   * Namespace of the database.
   * @example 'crdb'
   */
  readonly namespace: string;
  /**
   * Number of CockroachDB nodes. It is the only value that differs between phases.
   * @example 3
   */
  readonly nodes: number;
  /**
   * Version of CockroachDB. The operator's manifest must list it.
   * @example 'v26.2.5'
   */
  readonly cockroachVersion: string;
  /**
   * Storage class of the disks. It cannot be changed later.
   * @default the Kubernetes cluster's default class
   * @example 'gp3'
   */
  readonly storageClass?: string | undefined;
  /**
   * Size of each node's disk. It can grow where the storage class allows that.
   * @example '10Gi'
   */
  readonly storageSize: string;
  /**
   * CPU request of each node.
   * @example '500m'
   */
  readonly cpu: string;
  /**
   * CPU limit of each node.
   * @example '2'
   */
  readonly cpuLimit: string;
  /**
   * Memory of each node, as request and limit. CockroachDB sizes its caches by it.
   * @example '2Gi'
   */
  readonly memory: string;
  /**
   * What the pods are spread over. `hostname` and `zone` are strict: a pod that cannot be placed stays pending.
   * @example 'zone'
   */
  readonly spread: Platform['spread'];
  /**
   * Labels of the Kubernetes nodes that the pods may run on.
   * @default {}
   * @example { disktype: 'ssd' }
   */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /**
   * Tolerations of the pods. The operator needs a feature gate for them: see `featureGates`.
   * @default []
   * @example [{ key: 'database', operator: 'Exists' }]
   */
  readonly tolerations?: readonly Readonly<Record<string, unknown>>[];
  /**
   * Name of the Secret with the certificate of the nodes (`ca.crt`, `tls.crt`, `tls.key`).
   * @default '<cluster>-node-tls', as Certificates makes it
   * @example 'nodes-by-cert-manager'
   */
  readonly nodeSecret?: string;
  /**
   * Name of the Secret with the client certificate of root (`ca.crt`, `tls.crt`, `tls.key`), which the operator uses.
   * @default '<cluster>-root-tls', as Certificates makes it
   * @example 'root-by-cert-manager'
   */
  readonly rootSecret?: string;
}

/** Arguments of `Cluster`. */
export type ClusterArgs = { readonly [Name in keyof ClusterValues]: pulumi.Input<ClusterValues[Name]> };

/**
 * The CockroachDB cluster, as the operator's `CrdbCluster`. It is protected, because deleting it stops the database.
 *
 * The resource counts as created once the object is written. `NodesLive` waits for the nodes.
 *
 * @example
 * const cluster = new Cluster('cluster', {
 *   namespace: 'crdb', nodes: 3, cockroachVersion: 'v26.2.5', storageSize: '10Gi',
 *   cpu: '500m', cpuLimit: '2', memory: '2Gi', spread: 'zone',
 * }, { dependsOn: [operator, certificates] });
 */
export class Cluster extends Component<ClusterArgs> {
  /** Name of the CrdbCluster. */
  readonly crdb: pulumi.Output<string>;

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super('Cluster', name, args, opts);
    const manifest = pulumi.output(args).apply((values) => crdbCluster(values as ClusterValues));
    const { apiVersion, kind } = CRDB_CLUSTER;
    const resource = new k8s.apiextensions.CustomResource(
      `${name}-crdb`,
      { apiVersion, kind, metadata: manifest.metadata, spec: manifest.spec },
      { ...this.childOptions, protect: true },
    );

    this.crdb = resource.metadata.name;
    this.registerOutputs({ crdb: this.crdb });
  }
}

const CRDB_CLUSTER = { apiVersion: 'crdb.cockroachlabs.com/v1alpha1', kind: 'CrdbCluster' } as const;

/** The manifest of the cluster. Its `spec.nodes` follows `nodes`, and nothing else does. */
export function crdbCluster(args: ClusterValues) {
  const names = namesOf(args.cluster);
  const { nodeSelector = {}, tolerations = [] } = args;
  return {
    ...CRDB_CLUSTER,
    metadata: {
      name: names.cluster,
      namespace: args.namespace,
      labels: labels('cockroachdb', 'database'),
      // Pulumi's own way to delete, foreground, keeps the object until its pods are gone, and as long as it is there the operator (2.18.3)
      // makes them again: tried, neither came to an end, and the operator had no time for other clusters.
      annotations: { 'pulumi.com/deletionPropagationPolicy': 'background' },
    },
    spec: {
      nodes: args.nodes,
      cockroachDBVersion: args.cockroachVersion,
      tlsEnabled: true,
      nodeTLSSecret: args.nodeSecret ?? names.nodeSecret,
      clientTLSSecret: args.rootSecret ?? names.rootSecret,
      additionalArgs: [joinFlag(names.cluster, args.namespace)],
      resources: {
        requests: { cpu: args.cpu, memory: args.memory },
        limits: { cpu: args.cpuLimit, memory: args.memory },
      },
      dataStore: {
        pvc: {
          spec: {
            accessModes: ['ReadWriteOnce'],
            // The default of Kubernetes, but the operator refuses a cluster that does not say so.
            volumeMode: 'Filesystem',
            ...(args.storageClass ? { storageClassName: args.storageClass } : {}),
            resources: { requests: { storage: args.storageSize } },
          },
        },
      },
      ...(args.spread === 'none' ? {} : { topologySpreadConstraints: spreadOver(args.spread, names.pods) }),
      ...(Object.keys(nodeSelector).length > 0 ? { nodeSelector } : {}),
      ...(tolerations.length > 0 ? { tolerations } : {}),
    },
  };
}

/**
 * What the pods are made of: the values that restart every pod when one of them changes, which is all of the spec
 * but the number of nodes and the disks. Source: operator v2.18.3, `pkg/resource/statefulset.go`; tried.
 */
export function podTemplateInputs(args: ClusterValues): Record<string, unknown> {
  const { nodes: _nodes, dataStore: _dataStore, ...template } = crdbCluster(args).spec;
  return template;
}

/** The gates of the operator without which it ignores a field that this cluster uses. */
export function featureGates(args: Pick<ClusterValues, 'spread' | 'tolerations'>): FeatureGate[] {
  return [
    ...((args.tolerations ?? []).length > 0 ? (['TolerationRules'] as const) : []),
    ...(args.spread === 'none' ? [] : (['TopologySpreadRules'] as const)),
  ];
}

/**
 * The same three addresses, however many nodes there are. The operator's own list grows with the first three
 * nodes, and a longer list is another pod template: it would restart the only node. More than three are not needed,
 * since a node finds the others through any one of them.
 */
function joinFlag(cluster: string, namespace: string): string {
  const address = (i: number) => `${cluster}-${i}.${cluster}.${namespace}:${PORTS.rpc}`;
  return `--join=${[0, 1, 2].map(address).join(',')}`;
}

function spreadOver(spread: 'hostname' | 'zone', pods: Readonly<Record<string, string>>) {
  const over = (topologyKey: string, whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway') => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable,
    labelSelector: { matchLabels: pods },
  });
  return spread === 'hostname'
    ? [over('kubernetes.io/hostname', 'DoNotSchedule')]
    : [
        over('topology.kubernetes.io/zone', 'DoNotSchedule'),
        // With more nodes than zones, two of a zone should still not share a machine.
        over('kubernetes.io/hostname', 'ScheduleAnyway'),
      ];
}
