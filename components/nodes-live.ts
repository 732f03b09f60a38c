import * as pulumi from '@pulumi/pulumi';
import { type NodesLiveInputs, nodesLiveProvider } from './providers/nodes-live-provider.ts';

export interface NodesLiveArgs extends NodesLiveInputs {}

/** Is there when as many nodes of the version live as the cluster is to have, and each of them says so. Waits 15 minutes at most. */
export class NodesLive extends pulumi.dynamic.Resource {
  constructor(name: string, args: NodesLiveArgs, opts?: pulumi.CustomResourceOptions) {
    super(nodesLiveProvider, name, { ...args }, opts, 'evolution', 'NodesLive');
  }
}
