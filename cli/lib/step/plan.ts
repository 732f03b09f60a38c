import { cliError } from '../errors.ts';
import type { Target } from '../phase/settings.ts';
import { owners, phaseAt, positionOf, unfinished } from '../pulumi/ownership.ts';
import { find, numberOf, type StackState } from '../pulumi/state.ts';

/** The facts before a step, with no resource in two stacks. */
export interface Facts {
  readonly phases: readonly Target[];
  readonly target: Target;
  readonly states: readonly StackState[];
  /** `spec.nodes` of the CrdbCluster in the target's namespace; null when there is none. */
  readonly clusterNodes: number | null;
  /** Whether it was made by `kubectl apply -k`. @default false */
  readonly byKustomize?: boolean;
}

export interface PlanOptions {
  /** The typed command, for the next step of a refusal. */
  readonly command: 'evolve' | 'handover';
  /** Whether phases may be skipped. */
  readonly skip: boolean;
}

/**
 * `fresh`: no stack owns anything yet. `forward`: to a later phase. `resume`: the step to the target was started, and not finished.
 * `again`: the target was reached, and only changed settings remain to be applied.
 */
export type Plan =
  | { readonly kind: 'fresh' }
  | {
      readonly kind: 'forward' | 'resume' | 'again';
      /** The phase that the cluster is at: the last one that the Guard let pass. */
      readonly at: Target;
      /** Where the step began; null when a fresh start is resumed. */
      readonly from: string | null;
      /** The stack that owns most of the resources. */
      readonly owner: string;
      /** Why a step is not finished. */
      readonly unfinished: readonly string[];
    };

/** The kind of step to the target, by the state alone. Throws when the step is not allowed. */
export function plan(
  { phases, target, states, clusterNodes, byKustomize = false }: Facts,
  { command, skip }: PlanOptions,
): Plan {
  const owner = owners(states)[0]?.stack;
  if (owner === undefined) {
    const namespace = target.namespaces.database;
    if (clusterNodes !== null && byKustomize)
      throw cliError('EVO-210', { namespace, nodes: clusterNodes, target: target.stack });
    if (clusterNodes !== null) throw cliError('EVO-204', { namespace, nodes: clusterNodes });
    return { kind: 'fresh' };
  }
  refuseOtherNamespace(states, target, owner);
  const position = positionOf(states);
  const index = phases.findIndex(({ stack }) => stack === target.stack);
  // Without a Guard, there is no record of a phase: the first `up` of the owner was killed early.
  const at =
    position === null
      ? phases.findIndex(({ stack }) => stack === owner)
      : Math.max(0, phaseAt(phases, position));
  const here = phases[at];
  if (here === undefined)
    throw cliError('EVO-103', {
      name: owner,
      known: phases.map((p) => p.stack).join(', '),
      command,
      first: phases[0]?.stack ?? '',
    });
  const problems = unfinished(states, here);
  if (index < at) {
    const next = phases[at + 1];
    throw cliError('EVO-201', {
      target: target.stack,
      at: here.stack,
      next:
        next === undefined
          ? 'npm run status; to end the demo: npm run teardown'
          : `npm run evolve -- ${next.stack}`,
    });
  }
  const found = { at: here, owner, unfinished: problems };
  if (index === at) {
    if (problems.length === 0) return { kind: 'again', from: here.stack, ...found };
    const before = phases[at - 1]?.stack ?? null;
    return { kind: 'resume', from: isFresh(states) ? null : before, ...found };
  }
  // In the target's own stack, the pending operations belong to this step itself, which was killed before the Guard let it pass.
  if (problems.length > 0 && owner !== target.stack)
    throw cliError('EVO-203', { at: here.stack, problems: problems.join('; ') });
  const missing = phases[at + 1];
  if (index > at + 1 && !skip && missing !== undefined)
    throw cliError('EVO-202', { target: target.stack, missing: missing.stack, at: here.stack, command });
  return { kind: problems.length > 0 ? 'resume' : 'forward', from: here.stack, ...found };
}

/** Whether the unfinished step is the first one: no backup was taken, and no smaller number of nodes was reached before. */
function isFresh(states: readonly StackState[]): boolean {
  if (find(states, 'EvolutionBackup')?.outputs?.taken === true) return false;
  const reached = numberOf(find(states, 'NodesLive'), 'nodes');
  return reached === undefined || reached === positionOf(states)?.nodes;
}

function refuseOtherNamespace(states: readonly StackState[], target: Target, owner: string): void {
  const address = find(states, 'Guard')?.inputs?.address as { namespace?: string } | undefined;
  const wanted = target.namespaces.database;
  if (address?.namespace === undefined || address.namespace === wanted) return;
  throw cliError('EVO-207', { target: target.stack, owner, wanted, has: address.namespace });
}

/** Settings, other than those of a phase, that differ between the owner's file and the target's: one line each, with the command. */
export function driftedSettings(
  owner: Readonly<Record<string, string>>,
  target: Readonly<Record<string, string>>,
  names: { readonly owner: string; readonly target: string },
): string[] {
  const own = new Set(['nodes', 'replicationFactor', 'readerUserEnabled']);
  return [...new Set([...Object.keys(owner), ...Object.keys(target)])]
    .filter((key) => !own.has(key.split(':').at(-1) ?? '') && owner[key] !== target[key])
    .map((key) => {
      const short = key.split(':').at(-1) ?? key;
      return `${short} differs between ${names.owner} and ${names.target}. If it should not: pulumi config cp ${short} --stack ${names.owner} --dest ${names.target}`;
    });
}
