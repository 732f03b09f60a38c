import * as pulumi from '@pulumi/pulumi';
import type { AddressArgs } from './address.ts';
import { imported } from './providers/imported.ts';

export interface NodesLiveArgs {
  /**
   * Where the cluster is.
   * @example { context: '', namespace: 'crdb' }
   */
  readonly address: AddressArgs;
  /**
   * Number of nodes to wait for.
   * @example 3
   */
  readonly nodes: pulumi.Input<number>;
  /**
   * Version of CockroachDB that each of them must run.
   * @example 'v26.2.5'
   */
  readonly version: pulumi.Input<string>;
  /**
   * Size that each node's disk must have.
   * @example '10Gi'
   */
  readonly storageSize: pulumi.Input<string>;
}

/**
 * Waits until all nodes are live, run the version, and agree that they are; 15 minutes at most.
 *
 * @example
 * const live = new NodesLive('nodes-live', {
 *   address: { context: '', namespace: 'crdb' }, nodes: 3, version: 'v26.2.5', storageSize: '10Gi',
 * }, { dependsOn: cluster });
 */
export class NodesLive extends pulumi.dynamic.Resource {
  constructor(name: string, args: NodesLiveArgs, opts?: pulumi.CustomResourceOptions) {
    super(imported('nodes-live'), name, { ...args }, opts, 'evolution', 'NodesLive');
  }
}
