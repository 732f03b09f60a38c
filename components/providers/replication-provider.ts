import type * as pulumi from '@pulumi/pulumi';
import { withDatabase } from '../database/connection.ts';
import { type ReplicationInputs, replicate } from '../steps/replicate.ts';
import type { Provider } from './all.ts';
import { compare } from './compare.ts';

const apply = async (inputs: ReplicationInputs) => ({
  outs: await withDatabase(inputs.address, (database, _, run) => replicate(inputs, database, run)),
});

export const replicationProvider: Provider = {
  async check(olds: Partial<ReplicationInputs>, news: ReplicationInputs) {
    const failures: pulumi.dynamic.CheckFailure[] = [];
    const { replicationFactor: wanted, nodes } = news;
    const refuse = (reason: string) => failures.push({ property: 'replicationFactor', reason });
    if (![1, 2, 3, 5, 7].includes(wanted)) refuse(`replicationFactor ${wanted} is not one of 1, 2, 3, 5, 7`);
    else if (wanted > nodes) refuse(`${wanted} copies need ${wanted} nodes, and there are ${nodes}`);
    if (wanted < (olds.replicationFactor ?? 0))
      refuse(
        `the replication factor only ever grows, and it is ${olds.replicationFactor} now: with fewer copies, one failure more is one too many`,
      );
    if (!news.statements?.length) refuse('no statements were given for it');
    return { inputs: news, failures };
  },
  async diff(_id, olds, news) {
    return compare(olds, news, { update: ['replicationFactor', 'nodes', 'statements'] });
  },
  async create(inputs) {
    return { id: 'replication', ...(await apply(inputs)) };
  },
  async update(_id, _olds, news) {
    return apply(news);
  },
};
