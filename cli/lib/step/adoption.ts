import type { StackState } from '../pulumi/state.ts';

/**
 * An update that was killed may have made objects that it could not write down any more. With this, the Kubernetes provider takes up an
 * object that is there already, instead of refusing to make it: they are this program's own, by name and namespace.
 */
export function adoption(states: readonly StackState[]): Record<string, string> {
  const creating = states
    .flatMap(({ pending }) => pending)
    .some(({ type, resource }) => type === 'creating' && resource.type.startsWith('kubernetes:'));
  return creating ? { PULUMI_K8S_UPSERT_EXISTING_OBJECTS: 'true' } : {};
}
