import * as k8s from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { Component } from './component.ts';
import { labels, namesOf, PORTS } from './names.ts';

export interface ServicesArgs {
  /**
   * Namespace of the database.
   * @example 'crdb'
   */
  readonly namespace: pulumi.Input<string>;
  /**
   * Name of the CrdbCluster. The Services are `<cluster>-writer` and `<cluster>-reader`.
   * @default 'crdb'
   * @example 'orders'
   */
  readonly cluster?: pulumi.Input<string>;
}

/**
 * The Services `crdb-writer` and `crdb-reader`, through which applications connect. They exist from phase 0 on and are never replaced.
 *
 * Both lead to every ready node, and each node takes reads and writes. Only the reader's user differs: it may SELECT and nothing else
 * (sql/10-phase1-reader-user.sql). With its own name, the read path can move to other nodes later without a change of the applications.
 *
 * @example
 * const services = new Services('services', { namespace: 'crdb' });
 */
export class Services extends Component<ServicesArgs> {
  /** Name of the Service for writes, which is its address within the namespace. */
  readonly writer: pulumi.Output<string>;
  /** Name of the Service for reads. */
  readonly reader: pulumi.Output<string>;

  constructor(name: string, args: ServicesArgs, opts?: pulumi.ComponentResourceOptions) {
    super('Services', name, args, opts);
    const make = (part: 'writer' | 'reader') => {
      const manifest = pulumi
        .all([args.namespace, args.cluster])
        .apply(([namespace, cluster]) => sqlService(part, namespace, cluster));
      return new k8s.core.v1.Service(
        `${name}-${part}`,
        { apiVersion: 'v1', kind: 'Service', metadata: manifest.metadata, spec: manifest.spec },
        this.childOptions,
      ).metadata.name;
    };

    this.writer = make('writer');
    this.reader = make('reader');
    this.registerOutputs({ writer: this.writer, reader: this.reader });
  }
}

/** A Service for SQL in front of every ready database pod. */
export function sqlService(part: 'writer' | 'reader', namespace: string, cluster?: string) {
  const { [part]: name, pods } = namesOf(cluster);
  return {
    apiVersion: 'v1' as const,
    kind: 'Service' as const,
    metadata: {
      name,
      namespace,
      labels: labels(name, 'database'),
      // It exists before the first pod does, and Pulumi would wait for one.
      annotations: { 'pulumi.com/skipAwait': 'true' },
    },
    spec: {
      type: 'ClusterIP' as const,
      selector: pods,
      ports: [{ name: 'sql', port: PORTS.sql, targetPort: PORTS.sql, protocol: 'TCP' as const }],
    },
  };
}
