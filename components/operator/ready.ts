import * as pulumi from '@pulumi/pulumi';
import { cancellable } from '../database/cancel.ts';
import { awaitWebhook, type WebhookTarget } from './webhook.ts';

export interface OperatorReadyArgs {
  readonly context: pulumi.Input<string>;
  readonly namespace: pulumi.Input<string>;
  readonly timeoutSeconds: pulumi.Input<number>;
  /** What is installed. Another value asks again, since a changed operator starts anew. */
  readonly installed: pulumi.Input<string>;
}

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
  // The same cluster may go by another context on another machine: that, and new code of this file, is no change.
  async diff(_id, olds, news) {
    return { changes: olds.installed !== news.installed || olds.namespace !== news.namespace };
  },
};

/** Made once the operator accepts clusters: what creates one depends on it. */
export class OperatorReady extends pulumi.dynamic.Resource {
  constructor(name: string, args: OperatorReadyArgs, opts: pulumi.CustomResourceOptions) {
    super(provider, name, args, opts, 'evolution', 'OperatorReady');
  }
}
