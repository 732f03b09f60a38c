/** Pure edits of an exported deployment, which `pulumi stack import` puts back. */

import { ROOT } from './state.ts';

interface Deployment {
  deployment: {
    resources?: ResourceJson[];
    [key: string]: unknown;
  };
  [key: string]: unknown;
}

interface ResourceJson {
  urn: string;
  type: string;
  parent?: string;
  dependencies?: string[];
  propertyDependencies?: Record<string, string[]>;
  deletedWith?: string;
  [key: string]: unknown;
}

/**
 * The export without these resources. What stays loses its references to them, as with `pulumi state move`: the next update writes
 * them again.
 */
export function without(exported: string, urns: readonly string[]): string {
  const gone = new Set(urns);
  const whole = JSON.parse(exported) as Deployment;
  const resources = whole.deployment.resources ?? [];
  const root = resources.find(({ type }) => type === ROOT)?.urn;
  const stays = (urn: string) => !gone.has(urn);
  const kept = resources
    .filter(({ urn }) => stays(urn))
    .map((resource) => {
      const { parent, dependencies, propertyDependencies, deletedWith, ...rest } = resource;
      return {
        ...rest,
        ...(parent === undefined ? {} : { parent: stays(parent) ? parent : root }),
        ...(dependencies === undefined ? {} : { dependencies: dependencies.filter(stays) }),
        ...(propertyDependencies === undefined
          ? {}
          : {
              propertyDependencies: Object.fromEntries(
                Object.entries(propertyDependencies).map(([key, on]) => [key, (on ?? []).filter(stays)]),
              ),
            }),
        ...(deletedWith !== undefined && stays(deletedWith) ? { deletedWith } : {}),
      };
    });
  return JSON.stringify({ ...whole, deployment: { ...whole.deployment, resources: kept } }, null, 2);
}

const ADOPTION = 'upsertExistingObjects';

/**
 * The export without what cli/lib/step/adoption.ts has left in it: the Kubernetes provider writes down that it was told to take up objects
 * that were there, which was meant for that one update.
 */
export function withoutAdoption(exported: string): string {
  const whole = JSON.parse(exported) as Deployment;
  const resources = (whole.deployment.resources ?? []).map((resource) => {
    if (resource.type !== 'pulumi:providers:kubernetes') return resource;
    const drop = (value: unknown) =>
      Object.fromEntries(Object.entries((value ?? {}) as object).filter(([key]) => key !== ADOPTION));
    const parts = ['inputs', 'outputs', 'propertyDependencies'].filter((key) => resource[key] !== undefined);
    return { ...resource, ...Object.fromEntries(parts.map((key) => [key, drop(resource[key])])) };
  });
  return JSON.stringify({ ...whole, deployment: { ...whole.deployment, resources } }, null, 2);
}
