import * as k8s from '@pulumi/kubernetes';
import type * as pulumi from '@pulumi/pulumi';
import { Component } from './component.ts';
import { DATABASE_PODS, labels, PORTS, READER, WRITER } from './names.ts';

export interface ServicesArgs {
  /**
   * Namespace of the database.
   * @example 'crdb'
   */
  readonly namespace: pulumi.Input<string>;
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
    const make = (part: 'writer' | 'reader', service: string) => {
      const manifest = sqlService(service);
      return new k8s.core.v1.Service(
        `${name}-${part}`,
        { ...manifest, metadata: { ...manifest.metadata, namespace: args.namespace } },
        this.childOptions,
      ).metadata.name;
    };

    this.writer = make('writer', WRITER);
    this.reader = make('reader', READER);
    this.registerOutputs({ writer: this.writer, reader: this.reader });
  }
}

/** A Service for SQL in front of every ready database pod. */
export function sqlService(name: string) {
  return {
    apiVersion: 'v1' as const,
    kind: 'Service' as const,
    metadata: {
      name,
      labels: labels(name, 'database'),
      // It exists before the first pod does, and Pulumi would wait for one.
      annotations: { 'pulumi.com/skipAwait': 'true' },
    },
    spec: {
      type: 'ClusterIP' as const,
      selector: DATABASE_PODS,
      ports: [{ name: 'sql', port: PORTS.sql, targetPort: PORTS.sql, protocol: 'TCP' as const }],
    },
  };
}
