import * as pulumi from '@pulumi/pulumi';
import { imported } from './providers/imported.ts';

export interface OperatorReadyArgs {
  readonly context: pulumi.Input<string>;
  readonly namespace: pulumi.Input<string>;
  readonly timeoutSeconds: pulumi.Input<number>;
  /** Checksum of what is installed, or `EXTERNAL`. A change of it waits again, because a changed operator restarts. */
  readonly installed: pulumi.Input<string>;
}

/** Created once the operator accepts clusters. What creates a cluster depends on it. */
export class OperatorReady extends pulumi.dynamic.Resource {
  constructor(name: string, args: OperatorReadyArgs, opts: pulumi.CustomResourceOptions) {
    super(imported('operator-ready'), name, args, opts, 'evolution', 'OperatorReady');
  }
}
