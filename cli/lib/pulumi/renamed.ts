import type { DatabaseAddress } from '../../../components/database/kubernetes.ts';
import { cliError } from '../errors.ts';
import type { Target } from '../phase/settings.ts';
import { owners, phaseAt, positionOf } from './ownership.ts';
import type { Pulumi } from './run.ts';
import { listStacks, readStates } from './stacks.ts';
import { find, type StackState } from './state.ts';

type Phase = Pick<Target, 'stack' | 'context' | 'namespaces' | 'nodes' | 'replicationFactor'>;

/**
 * Throws EVO-209 when a stack of the project that is no phase owns the cluster that the phases are set for: most likely one of them, renamed.
 * To be asked where no phase owns anything.
 */
export async function refuseRenamed(pulumi: Pulumi, phases: readonly Phase[]): Promise<void> {
  const names = phases.map(({ stack }) => stack);
  const others = (await listStacks(pulumi)).filter((name) => !names.includes(name));
  if (others.length === 0) return;
  for (const owner of owners(await readStates(pulumi, others))) {
    const { namespace, context } = (find([owner], 'Guard')?.inputs?.address ??
      {}) as Partial<DatabaseAddress>;
    // A stack may also be somebody's own, for another cluster.
    if (phases.some((phase) => phase.namespaces.database === namespace && phase.context === context))
      throw cliError('EVO-209', {
        stack: owner.stack,
        namespace: namespace ?? '',
        phase: oldName(owner, phases),
      });
  }
}

/** Pulumi renames a stack's file with it: its phase is the one that is missing; if none is, the one that its cluster is at. */
function oldName(owner: StackState, phases: readonly Phase[]): string {
  const numbers = phases.map(({ stack }) => Number(stack.slice('phase'.length)));
  const missing = numbers.findIndex((number, i) => number !== i);
  if (missing >= 0) return `phase${missing}`;
  const position = positionOf([owner]);
  const at = position === null ? undefined : phases[phaseAt(phases, position)];
  return at?.stack ?? `phase${numbers.length}`;
}
