import * as k8s from '@pulumi/kubernetes';
import type * as pulumi from '@pulumi/pulumi';
import { Component } from './component.ts';
import { DATABASE_PODS, labels, PORTS, READER, WRITER } from './names.ts';

export interface ServicesArgs {
  /** The database's namespace. */
  readonly namespace: pulumi.Input<string>;
}

/**
 * The two addresses that applications use, there from phase 0 and never replaced.
 *
 * Both lead to every ready node: each of them takes reads and writes. What makes the reader a reader is its user,
 * who may SELECT and nothing else (sql/10-phase1-reader-user.sql). The name is for the applications: a read that
 * goes through it may move to other nodes later without a change of theirs.
 */
export class Services extends Component<ServicesArgs> {
  /** Names of the Services, which are their addresses within the namespace. */
  readonly writer: pulumi.Output<string>;
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
