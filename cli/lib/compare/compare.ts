import type { Evaluation, Resource } from '../program/resources.ts';
import { compareValues, type PropertyChange } from './properties.ts';
import { replaces } from './replaces.ts';

export type Action = 'create' | 'update' | 'replace' | 'delete';

export interface Change {
  readonly action: Action;
  /** As it will be; for a deletion, as it was. */
  readonly resource: Resource;
  /** What differs, for an update or a replacement. */
  readonly properties: readonly PropertyChange[];
}

export interface Difference {
  readonly from: string;
  readonly to: string;
  /** In the order in which `pulumi up` makes them; deletions last. */
  readonly changes: readonly Change[];
  readonly unchanged: number;
  /** What differs in the outputs of the stack. */
  readonly outputs: readonly PropertyChange[];
}

/** What `pulumi up` to the stack `after` would change in a cluster that is in the state of `before`. */
export function compare(before: Evaluation, after: Evaluation): Difference {
  const old = new Map(before.resources.map((resource) => [resource.urn, resource]));
  const changes: Change[] = [];
  let unchanged = 0;
  for (const resource of after.resources) {
    const was = [resource.urn, ...resource.aliases]
      .map((urn) => old.get(urn))
      .find((found) => found !== undefined);
    if (was === undefined) {
      changes.push({ action: 'create', resource, properties: [] });
      continue;
    }
    old.delete(was.urn);
    const change = updateOf(was, resource, providerOf(resource, after));
    if (change === undefined) unchanged += 1;
    else changes.push(change);
  }
  for (const resource of [...old.values()].reverse())
    changes.push({ action: 'delete', resource, properties: [] });
  return {
    from: before.stack,
    to: after.stack,
    changes,
    unchanged,
    outputs: compareValues(before.outputs, after.outputs),
  };
}

function updateOf(was: Resource, is: Resource, provider: Resource | undefined): Change | undefined {
  const properties = compareValues(was.inputs, is.inputs).filter(({ path }) => !ignored(is, path));
  const moved = was.provider !== is.provider;
  if (properties.length === 0 && !moved) return undefined;
  const replaced = moved || properties.some(({ path }) => replaces(is, path, provider));
  return { action: replaced ? 'replace' : 'update', resource: is, properties };
}

function providerOf(resource: Resource, { resources }: Evaluation): Resource | undefined {
  return resources.find(
    ({ type, name }) => type.startsWith('pulumi:providers:') && name === resource.provider,
  );
}

function ignored({ ignoreChanges }: Resource, path: string): boolean {
  return ignoreChanges.some((at) => path === at || path.startsWith(`${at}.`) || path.startsWith(`${at}[`));
}
