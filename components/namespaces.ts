import * as k8s from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { Component } from './component.ts';
import { labels } from './names.ts';

/** Names of the three namespaces, as plain values. */
export interface NamespaceValues {
  /**
   * Namespace of the cluster, its Services and the load generator.
   * @example 'crdb'
   */
  readonly database: string;
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
}

/** Arguments of `Namespaces`. */
export type NamespacesArgs = {
  readonly [Part in keyof NamespaceValues]: pulumi.Input<NamespaceValues[Part]>;
};

/**
 * The three namespaces. That of the database is protected, because deleting it deletes the disks.
 *
 * @example
 * const namespaces = new Namespaces('namespaces', {
 *   database: 'crdb', app: 'sample-app', observability: 'observability',
 * });
 */
export class Namespaces extends Component<NamespacesArgs> {
  /** Name of the database's namespace. Like the others, it resolves once the namespace exists. */
  readonly database: pulumi.Output<string>;
  /** Name of the app's namespace. */
  readonly app: pulumi.Output<string>;
  /** Name of the namespace of Prometheus and Grafana. */
  readonly observability: pulumi.Output<string>;

  constructor(name: string, args: NamespacesArgs, opts?: pulumi.ComponentResourceOptions) {
    super('Namespaces', name, args, opts);
    const manifests = pulumi.output(args).apply(namespaces);
    const make = (part: keyof NamespacesArgs, more: pulumi.CustomResourceOptions = {}) =>
      new k8s.core.v1.Namespace(
        `${name}-${part}`,
        { apiVersion: 'v1', kind: 'Namespace', metadata: manifests[part].metadata },
        { ...this.childOptions, ...more },
      ).metadata.name;

    this.database = make('database', { protect: true });
    this.app = make('app');
    this.observability = make('observability');
    this.registerOutputs({ database: this.database, app: this.app, observability: this.observability });
  }
}

/** The manifests, by part. */
export function namespaces(args: NamespaceValues) {
  return {
    // The operator's init container copies the certificates as root. Nothing else there needs more than `restricted`.
    database: namespace(args.database, 'database', 'baseline'),
    app: namespace(args.app, 'app', 'restricted'),
    observability: namespace(args.observability, 'observability', 'restricted'),
  };
}

function namespace(name: string, component: string, podSecurity: 'baseline' | 'restricted') {
  return {
    apiVersion: 'v1' as const,
    kind: 'Namespace' as const,
    metadata: {
      name,
      labels: { ...labels(name, component), 'pod-security.kubernetes.io/enforce': podSecurity },
    },
  };
}
