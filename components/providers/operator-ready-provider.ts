import { cancellable } from '../database/cancel.ts';
import { EXTERNAL } from '../operator/manifests.ts';
import { awaitWebhook, type WebhookTarget } from '../operator/webhook.ts';
import type { Provider } from './all.ts';

/** `EXTERNAL` in a state that an earlier version of this program wrote. */
const EXTERNAL_BEFORE = 'by someone else';

type Inputs = WebhookTarget & { readonly installed: string };

async function untilReady(target: WebhookTarget): Promise<void> {
  await cancellable((signal) => awaitWebhook(target, { signal, say: (line) => console.log(line) }));
}

export const operatorReadyProvider: Provider = {
  async check(_olds, news: Inputs) {
    return { inputs: news, failures: [] };
  },
  // The same cluster may have another context on another machine: that is no change, and neither is new code in this file.
  async diff(_id, olds: Inputs, news: Inputs) {
    const before = olds.installed === EXTERNAL_BEFORE ? EXTERNAL : olds.installed;
    return { changes: before !== news.installed || olds.namespace !== news.namespace };
  },
  async create(inputs: Inputs) {
    await untilReady(inputs);
    return { id: 'operator', outs: inputs };
  },
  async update(_id, _olds, news: Inputs) {
    await untilReady(news);
    return { outs: news };
  },
};
