import { withDatabase } from '../database/connection.ts';
import { type NodesLiveInputs, nodesLive } from '../steps/nodes-live.ts';
import type { Provider } from './all.ts';
import { compare, isKnown } from './compare.ts';

const wait = (inputs: NodesLiveInputs) =>
  withDatabase(inputs.address, (database, kubernetes, run) => nodesLive(inputs, database, kubernetes, run));

export const nodesLiveProvider: Provider = {
  async check(_olds, news: NodesLiveInputs) {
    const isCount = !isKnown(news.nodes) || (Number.isInteger(news.nodes) && news.nodes >= 1);
    const failures = isCount
      ? []
      : [{ property: 'nodes', reason: `nodes is ${news.nodes}: it must be 1 or more` }];
    return { inputs: news, failures };
  },
  async diff(_id, olds, news) {
    return compare(olds, news, { update: ['nodes', 'version', 'storageSize'] });
  },
  async create(inputs: NodesLiveInputs) {
    await wait(inputs);
    return { id: 'nodes-live', outs: inputs };
  },
  async update(_id, _olds, news: NodesLiveInputs) {
    await wait(news);
    return { outs: news };
  },
};
