import { createHash } from 'node:crypto';
import type { Secret, Value } from './resources.ts';
import { PLACEHOLDER } from './settings.ts';

// How Pulumi marks special values on the wire. Source: @pulumi/pulumi, runtime/rpc.js.
const SIGNATURE = '4dabf18193072939515e22adb298388d';
const SECRET = '1b47061264138c4ac30d75fd1eb44270';
const RESOURCE = '5cf8f73096256a8f31e491e813e4eb8e';
const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** A value from the wire, with each secret replaced by its digest. Object keys that hold nothing are left out, as the engine does. */
export function fromWire(raw: unknown): Value {
  if (raw === UNKNOWN) return { unknown: true };
  if (Array.isArray(raw)) return raw.map(fromWire);
  if (typeof raw !== 'object' || raw === null) return raw as Value;
  const table = raw as Record<string, unknown>;
  if (table[SIGNATURE] === SECRET) return close(fromWire(table.value));
  if (table[SIGNATURE] === RESOURCE) return String(table.urn);
  return Object.fromEntries(
    Object.entries(table)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([key, value]) => [key, fromWire(value)]),
  );
}

/** Whether a value on the wire is a secret already. */
export function isClosed(raw: unknown): boolean {
  return typeof raw === 'object' && raw !== null && (raw as Record<string, unknown>)[SIGNATURE] === SECRET;
}

function close(value: Value): Value {
  return seal(stripSecrets(value));
}

/** A secret of this shape. */
export function seal(shape: Value): Secret {
  const digest = createHash('sha256').update(JSON.stringify(shape)).digest('hex').slice(0, 12);
  return { secret: true, digest, shape };
}

/** The content of a secret, with each placeholder as `<name>`, and without secrets within secrets. */
function stripSecrets(value: Value): Value {
  if (typeof value === 'string') return value.replaceAll(PLACEHOLDER, '<$1>');
  if (Array.isArray(value)) return value.map(stripSecrets);
  if (typeof value !== 'object' || value === null) return value;
  if ('digest' in value && value.secret === true) return value.shape as Value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, stripSecrets(inner as Value)]));
}
