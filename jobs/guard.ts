import type { CrdbCluster } from '../components/database/kubernetes.ts';
import { MANAGED_BY } from '../components/names.ts';
import { differences, refusals } from '../components/steps/refusals.ts';
import type { Plan, Position } from './plan.ts';

type Spec = CrdbCluster['spec'] & Readonly<Record<string, unknown>>;

/** Why a step to `nodes` must not be taken by what the cluster is asked to be, or null. */
export function refusal(
  { phase, previous, namespace }: Pick<Plan, 'phase' | 'previous' | 'namespace'>,
  nodes: number,
  live: CrdbCluster | null,
): string | null {
  if (live === null)
    return previous === null
      ? null
      : `there is no CrdbCluster in namespace ${namespace}, and the step to ${phase} begins at ${previous.phase}. Apply that first: kubectl apply --server-side -k k8s/${previous.phase}`;
  const owner = otherOwner(live);
  if (owner !== null) return owner;
  const [fewer] = refusals({ nodes: live.spec.nodes }, asked(nodes));
  if (fewer !== undefined) return `${phase} has ${nodes} nodes: ${fewer.reason}`;
  return skipped(phase, previous, nodes, live.spec.nodes);
}

/** Only what is not asked for here is left out: `refusals` compares what both have. */
const asked = (nodes: number, replicationFactor = Number.POSITIVE_INFINITY) => ({
  address: { context: '', namespace: '' },
  nodes,
  replicationFactor,
  podTemplate: {},
  allowPodRestart: false,
  storageClass: '',
  storageSize: '',
});

/** By its label: what was made by Pulumi, or by hand, is not this Job's to change. */
function otherOwner({ metadata }: CrdbCluster): string | null {
  const label = metadata?.labels?.[MANAGED_BY.label];
  const pulumi = metadata?.managedFields?.some(({ manager = '' }) => manager.startsWith('pulumi'));
  if (label === MANAGED_BY.program || pulumi)
    return 'the CrdbCluster belongs to a Pulumi stack, whose state would not know of the step. Take it with: npm run evolve';
  if (label === MANAGED_BY.kustomize) return null;
  return `the CrdbCluster was made by somebody else: its label ${MANAGED_BY.label} is ${label ?? 'not set'}, and not ${MANAGED_BY.kustomize}. It is left alone`;
}

function skipped(phase: string, previous: Position | null, nodes: number, now: number): string | null {
  if (previous === null) {
    if (now === nodes) return null;
    return `${phase} begins with nothing, and there is a cluster of ${now} nodes already. Take a step that begins there`;
  }
  if (now >= previous.nodes) return null;
  return `${phase} skips ${previous.phase}: the cluster has ${now} node${now === 1 ? '' : 's'}, and the step begins with ${previous.nodes}. Apply that first: kubectl apply --server-side -k k8s/${previous.phase}`;
}

/** Why the step must not be taken by the copies that the zones ask for, or null. */
export function fewerCopies(
  { phase, replicationFactor }: Pick<Plan, 'phase' | 'replicationFactor'>,
  now: number,
): string | null {
  const [fewer] = refusals({ replicationFactor: now }, asked(Number.POSITIVE_INFINITY, replicationFactor));
  return fewer === undefined ? null : `${phase} has replication factor ${replicationFactor}: ${fewer.reason}`;
}

/**
 * Why the step must not be taken by what the API server says the CrdbCluster would become, or null. A step changes the number of nodes:
 * anything else restarts pods, or cannot be changed at all.
 */
export function otherChange(phase: string, live: CrdbCluster, after: CrdbCluster): string | null {
  const rest = ({ nodes: _, ...spec }: Spec) => spec;
  const found = differences(rest(live.spec as Spec), rest(after.spec as Spec));
  if (found.length === 0) return null;
  return `${phase} would change more than the number of nodes, and with it restart the database's pods: ${found.join('; ')}. A step changes nothing else: render the manifests with the settings that the cluster has, or change this by hand first, as a change of its own`;
}

/** Whether the CrdbCluster is as it is to be. */
export function isApplied(live: CrdbCluster, after: CrdbCluster): boolean {
  return differences(live.spec, after.spec).length === 0;
}
