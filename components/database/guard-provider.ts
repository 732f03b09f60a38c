import type * as pulumi from '@pulumi/pulumi';
import { CLUSTER } from '../names.ts';
import { cancellable } from './cancel.ts';
import { compare } from './compare.ts';
import { type CrdbCluster, connectKubernetes, type DatabaseAddress } from './kubernetes.ts';
import { type GuardInputs, refusals } from './refusals.ts';

/** What is wrong with a stack that has no state of its own, where there is a cluster already. */
export function ownedElsewhere(cluster: CrdbCluster | null, { namespace }: DatabaseAddress) {
  if (cluster === null) return [];
  return [
    {
      property: 'address',
      reason: `namespace ${namespace} already holds the CrdbCluster ${CLUSTER} (${cluster.spec.nodes} nodes), and this stack did not make it: another stack owns it. Hand it over with: npm run handover -- <this stack>; by hand, that is: pulumi state move --source <owner> --dest <this stack> <urns>. To see who owns it: pulumi stack ls`,
    },
  ];
}

async function look(address: DatabaseAddress): Promise<pulumi.dynamic.CheckFailure[]> {
  try {
    const cluster = await cancellable((signal) => connectKubernetes(address, signal).cluster());
    return ownedElsewhere(cluster, address);
  } catch (error) {
    return [{ property: 'address', reason: (error as Error).message }];
  }
}

export const guardProvider: pulumi.dynamic.ResourceProvider = {
  async check(olds: Partial<GuardInputs>, news: GuardInputs) {
    // Another namespace is another cluster, which is asked about like the first.
    const isNew = olds.address?.namespace !== news.address.namespace;
    return { inputs: news, failures: isNew ? await look(news.address) : refusals(olds, news) };
  },
  async diff(_id, olds, news) {
    return compare(olds, news, { update: ['nodes', 'replicationFactor', 'podTemplate'] });
  },
  async create(inputs: GuardInputs) {
    return { id: `${inputs.address.namespace}/${CLUSTER}`, outs: inputs };
  },
  async update(_id, _olds, news: GuardInputs) {
    return { outs: news };
  },
};
