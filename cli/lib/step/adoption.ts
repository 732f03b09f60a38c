import type { StackState } from '../pulumi/state.ts';

/**
 * A killed update may have created objects that it could not record in the state. With this, the Kubernetes provider adopts an existing
 * object instead of refusing to create it: they are this program's own, by name and namespace.
 */
export function adoption(states: readonly StackState[]): Record<string, string> {
  const creating = states
    .flatMap(({ pending }) => pending)
    .some(({ type, resource }) => type === 'creating' && resource.type.startsWith('kubernetes:'));
  return creating ? { PULUMI_K8S_UPSERT_EXISTING_OBJECTS: 'true' } : {};
}
