import type { Backend, Deployment, Resource } from './backend.ts';
import { rootOf } from './names.ts';

/**
 * What `pulumi state move` would write: first the destination, then the source. By its source (pkg/cmd/pulumi/state/state_move.go): the
 * root stands for all that descends from it, children go along, providers are copied, and nothing may be in both.
 */
export function moved(
  backend: Backend,
  from: string,
  to: string,
  urns: readonly string[],
): { source: Deployment; dest: Deployment } | { problem: string } {
  const source = backend.read(from);
  const dest = backend.read(to);
  const named = new Set(urns);
  // A parent stands before its children.
  for (const { urn, parent } of source.resources)
    if (parent !== undefined && named.has(parent)) named.add(urn);
  const isFrame = ({ urn, type }: Resource) =>
    type.startsWith('pulumi:providers:') || urn === rootOf(from, backend.project).urn;
  const moving = source.resources.filter((resource) => named.has(resource.urn) && !isFrame(resource));
  if (moving.length === 0) return { problem: 'no resources found to move' };
  const root = rootOf(to, backend.project);
  const rewritten = (text: string) => text.replace(`urn:pulumi:${from}::`, `urn:pulumi:${to}::`);
  const there = new Map(dest.resources.map((resource) => [resource.urn, resource]));
  const added: Resource[] = [];
  for (const provider of source.resources.filter(({ type }) => type.startsWith('pulumi:providers:'))) {
    const copy = { ...provider, urn: rewritten(provider.urn), parent: root.urn };
    const known = there.get(copy.urn);
    if (known === undefined) added.push(copy);
    else if (known.id !== copy.id && JSON.stringify(known.inputs) !== JSON.stringify(copy.inputs))
      return { problem: `provider ${copy.urn} already exists in destination stack` };
  }
  const ids = new Set(moving.map(({ urn }) => urn));
  for (const resource of moving) {
    const parent = ids.has(resource.parent ?? '') ? rewritten(resource.parent ?? '') : root.urn;
    const copy = { ...resource, urn: rewritten(resource.urn), parent };
    if (there.has(copy.urn)) return { problem: `resource ${copy.urn} already exists in destination stack` };
    added.push(copy);
  }
  const own = there.has(root.urn) ? dest.resources : [root, ...dest.resources];
  return {
    dest: { ...dest, resources: [...own, ...added] },
    source: { ...source, resources: source.resources.filter(({ urn }) => !ids.has(urn)) },
  };
}
