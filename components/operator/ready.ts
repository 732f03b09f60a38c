import * as pulumi from '@pulumi/pulumi';
import { cancellable } from '../database/cancel.ts';
import { awaitWebhook, type WebhookTarget } from './webhook.ts';

export interface OperatorReadyArgs {
  readonly context: pulumi.Input<string>;
  readonly namespace: pulumi.Input<string>;
  readonly timeoutSeconds: pulumi.Input<number>;
  /** Checksum of what is installed, or `EXTERNAL`. A change of it waits again, because a changed operator restarts. */
  readonly installed: pulumi.Input<string>;
}

/** The value of `installed` for an operator that others have installed. */
export const EXTERNAL = 'external';
/** The same in a state that an earlier version of this program wrote. */
const EXTERNAL_BEFORE = 'by someone else';

type Inputs = WebhookTarget & { readonly installed: string };

async function untilReady(target: WebhookTarget): Promise<void> {
  await cancellable((signal) => awaitWebhook(target, { signal, say: (line) => console.log(line) }));
}

const provider: pulumi.dynamic.ResourceProvider<Inputs, Inputs> = {
  async create(inputs) {
    await untilReady(inputs);
    return { id: 'operator', outs: inputs };
  },
  async update(_id, _olds, news) {
    await untilReady(news);
    return { outs: news };
  },
  // The same cluster may have another context on another machine: that is no change, and neither is new code in this file.
  async diff(_id, olds, news) {
    const before = olds.installed === EXTERNAL_BEFORE ? EXTERNAL : olds.installed;
    return { changes: before !== news.installed || olds.namespace !== news.namespace };
  },
};

/** Created once the operator accepts clusters. What creates a cluster depends on it. */
export class OperatorReady extends pulumi.dynamic.Resource {
  constructor(name: string, args: OperatorReadyArgs, opts: pulumi.CustomResourceOptions) {
    super(provider, name, args, opts, 'evolution', 'OperatorReady');
  }
}
