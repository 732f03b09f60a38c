import type { DatabaseAddress } from '../database/kubernetes.ts';
import { namesOf } from '../names.ts';
import { canonical } from '../steps/canonical.ts';

/** Inputs or state of a resource, as a provider gets them from the engine. */
export type Values = Readonly<Record<string, unknown>>;

/** The inputs that make up a resource. All others may change without a change of the resource. */
export interface Watched {
  readonly update: readonly string[];
}

/**
 * Compares the watched inputs by value, and nothing else, so that a change of the provider's code is not a change of the resource. Another
 * namespace or name is another cluster, so the resource is replaced; another context is only another way to the same one.
 */
export function compare(olds: Values, news: Values, { update }: Watched) {
  const replaces = clusterOf(olds) === clusterOf(news) ? [] : ['address'];
  const changed = update.some((key) => canonical(olds[key]) !== canonical(news[key]));
  return { changes: changed || replaces.length > 0, replaces };
}

function clusterOf({ address }: Values): string {
  const { namespace, cluster } = (address ?? {}) as Partial<DatabaseAddress>;
  return `${namespace}/${namesOf(cluster).cluster}`;
}

/** What the engine puts, in a preview, where a value will only be known once another resource exists. */
const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** Whether an input has its value. In a preview, one that comes from another resource may have none yet: there is nothing to check. */
export function isKnown(value: unknown): boolean {
  return value !== UNKNOWN;
}
