import type * as pulumi from '@pulumi/pulumi';
import { cancellable } from '../database/cancel.ts';
import { classMissing, isSameSize, resizeRefusals, templateSize } from '../database/disks.ts';
import {
  type CrdbCluster,
  connectKubernetes,
  type DatabaseAddress,
  type Kubernetes,
} from '../database/kubernetes.ts';
import { MANAGED_BY, namesOf } from '../names.ts';
import { type GuardInputs, refusals, resizeRestarts, WHOLE } from '../steps/refusals.ts';
import type { Provider } from './all.ts';
import { compare } from './compare.ts';

/** What is wrong with a stack that has no state of its own, where there is a cluster already. */
export function ownedElsewhere(cluster: CrdbCluster | null, address: DatabaseAddress) {
  if (cluster === null) return [];
  if (cluster.metadata?.labels?.[MANAGED_BY.label] === MANAGED_BY.kustomize)
    return [
      {
        property: WHOLE,
        reason: `namespace ${address.namespace} already holds the CrdbCluster ${nameOf(address)} (${cluster.spec.nodes} nodes), and kubectl apply -k made it: a stack would make certificates and passwords of its own, which its nodes and its app do not know. Go on with kubectl apply -k, as k8s/README.md says, or set other namespaces`,
      },
    ];
  return [
    {
      property: WHOLE,
      reason: `namespace ${address.namespace} already holds the CrdbCluster ${nameOf(address)} (${cluster.spec.nodes} nodes), and this stack did not make it: another stack owns it. Hand it over with: npm run handover -- <this stack>; by hand, that is: pulumi state move --source <owner> --dest <this stack> <urns>. To see who owns it: pulumi stack ls`,
    },
  ];
}

const nameOf = ({ cluster }: DatabaseAddress) => namesOf(cluster).cluster;

type Failures = pulumi.dynamic.CheckFailure[];

/** What the cluster says of it; that it cannot be asked is a reason too. */
async function ask(
  { address }: GuardInputs,
  look: (kubernetes: Kubernetes) => Promise<Failures>,
): Promise<Failures> {
  try {
    return await cancellable((signal) => look(connectKubernetes(address, signal)));
  } catch (error) {
    return [{ property: WHOLE, reason: (error as Error).message }];
  }
}

/** A stack that has no cluster yet. */
const begin = (news: GuardInputs) =>
  ask(news, async (kubernetes) => {
    const owned = ownedElsewhere(await kubernetes.cluster(), news.address);
    if (owned.length > 0) return owned;
    const reason = classMissing(news.storageClass, await kubernetes.storageClasses());
    return reason === null ? [] : [{ property: WHOLE, reason }];
  });

/** Disks that are to get another size. */
const resize = (olds: Partial<GuardInputs>, news: GuardInputs) =>
  ask(news, async (kubernetes) => {
    const { storageSize, allowPodRestart } = news;
    const nodes = olds.nodes ?? news.nodes;
    const statefulSet = await kubernetes.statefulSet();
    // The operator compares with this alone: after an enlargement that failed on the way, it goes back to doing nothing.
    if (statefulSet === null || isSameSize(templateSize(statefulSet), storageSize)) return [];
    const classes = await kubernetes.storageClasses();
    const impossible = resizeRefusals(storageSize, await kubernetes.disks(), nodes, classes);
    const restarts = impossible.length === 0 && !allowPodRestart;
    return [...impossible, ...(restarts ? [resizeRestarts(olds, storageSize)] : [])].map((reason) => ({
      property: WHOLE,
      reason,
    }));
  });

async function failures(olds: Partial<GuardInputs>, news: GuardInputs): Promise<Failures> {
  // Another cluster is asked about like the first.
  const same =
    olds.address?.namespace === news.address.namespace && nameOf(olds.address) === nameOf(news.address);
  if (!same) return begin(news);
  const refused = refusals(olds, news);
  if (olds.storageSize === news.storageSize) return refused;
  return [...refused, ...(await resize(olds, news))];
}

export const guardProvider: Provider = {
  async check(olds: Partial<GuardInputs>, news: GuardInputs) {
    return { inputs: news, failures: await failures(olds, news) };
  },
  async diff(_id, olds, news) {
    return compare(olds, news, { update: ['nodes', 'replicationFactor', 'podTemplate', 'storageSize'] });
  },
  async create(inputs: GuardInputs) {
    return { id: `${inputs.address.namespace}/${nameOf(inputs.address)}`, outs: inputs };
  },
  async update(_id, _olds, news: GuardInputs) {
    return { outs: news };
  },
};
