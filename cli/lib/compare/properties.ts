import { isObject, isSecret, isUnknown, type Secret, type Value } from '../program/resources.ts';
import { seal } from '../program/values.ts';

/** One property that differs, at its path as Pulumi writes it, e.g. `spec.template.spec.containers[0].image`. */
export interface PropertyChange {
  readonly path: string;
  /** Absent when it is new. */
  readonly before?: Value;
  /** Absent when it is removed. */
  readonly after?: Value;
}

/** What differs between two values, down to the smallest part. Lists of texts, such as SQL statements, are compared as a whole. */
export function compareValues(
  before: Value | undefined,
  after: Value | undefined,
  path = '',
): PropertyChange[] {
  if (before === undefined || after === undefined) {
    if (before === after) return [];
    return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
  }
  if (isSecret(before) && isSecret(after)) return compareSecrets(before, after, path);
  if (isTable(before) && isTable(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => compareValues(before[key], after[key], join(path, key)));
  }
  if (isListOfTables(before) && isListOfTables(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, i) => compareValues(before[i], after[i], `${path}[${i}]`)).flat();
  }
  return same(before, after) ? [] : [{ path, before, after }];
}

/** In a secret table, the names of the keys that differ are not secret. */
function compareSecrets(before: Secret, after: Secret, path: string): PropertyChange[] {
  if (before.digest === after.digest) return [];
  if (!isTable(before.shape) || !isTable(after.shape)) return [{ path, before, after }];
  return compareValues(before.shape, after.shape, path).map((change) => ({
    path: change.path,
    ...(change.before === undefined ? {} : { before: seal(change.before) }),
    ...(change.after === undefined ? {} : { after: seal(change.after) }),
  }));
}

/** The smallest parts of a value, each at its path. */
export function leaves(value: Value, path = ''): { readonly path: string; readonly value: Value }[] {
  if (isTable(value) && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([key, inner]) => leaves(inner, join(path, key)));
  if (isListOfTables(value)) return value.flatMap((inner, i) => leaves(inner, `${path}[${i}]`));
  return [{ path, value }];
}

function join(path: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${path}["${key}"]`;
  return path === '' ? key : `${path}.${key}`;
}

function isTable(value: Value): value is { [key: string]: Value } {
  return isObject(value) && !isSecret(value) && !isUnknown(value);
}

function isListOfTables(value: Value): value is Value[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'object');
}

/** Equal, whatever the order of keys. */
function same(before: Value, after: Value): boolean {
  return canonical(before) === canonical(after);
}

function canonical(value: Value): string {
  return JSON.stringify(value, (_, inner) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
