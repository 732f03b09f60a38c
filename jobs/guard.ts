import type { CrdbCluster } from '../components/database/kubernetes.ts';
import { MANAGED_BY } from '../components/names.ts';
import { differences, refusals } from '../components/steps/refusals.ts';
import type { Plan, Position } from './plan.ts';

type Spec = CrdbCluster['spec'] & Readonly<Record<string, unknown>>;

/** Why the CrdbCluster does not allow a step to `nodes` nodes, or null. */
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

/** Inputs for `refusals` with neutral values for everything that is not compared here. */
const asked = (nodes: number, replicationFactor = Number.POSITIVE_INFINITY) => ({
  address: { context: '', namespace: '' },
  nodes,
  replicationFactor,
  podTemplate: {},
  allowPodRestart: false,
  storageClass: '',
  storageSize: '',
});

/** Why the cluster belongs to somebody else, or null. Its label says whether Pulumi, kustomize, or a person made it. */
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

/** Why the current replication factor does not allow the step, or null. */
export function fewerCopies(
  { phase, replicationFactor }: Pick<Plan, 'phase' | 'replicationFactor'>,
  now: number,
): string | null {
  const [fewer] = refusals({ replicationFactor: now }, asked(Number.POSITIVE_INFINITY, replicationFactor));
  return fewer === undefined ? null : `${phase} has replication factor ${replicationFactor}: ${fewer.reason}`;
}

/**
 * Why the API server's dry run does not allow the step, or null. A step may change only the number of nodes: any other change restarts
 * pods or is impossible.
 */
export function otherChange(phase: string, live: CrdbCluster, after: CrdbCluster): string | null {
  const rest = ({ nodes: _, ...spec }: Spec) => spec;
  const found = differences(rest(live.spec as Spec), rest(after.spec as Spec));
  if (found.length === 0) return null;
  return `${phase} would change more than the number of nodes, and with it restart the database's pods: ${found.join('; ')}. A step changes nothing else: render the manifests with the settings that the cluster has, or change this by hand first, as a change of its own`;
}

/** Whether the CrdbCluster already has the wanted spec. */
export function isApplied(live: CrdbCluster, after: CrdbCluster): boolean {
  return differences(live.spec, after.spec).length === 0;
}
