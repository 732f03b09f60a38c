import { stringify } from 'yaml';
import { isSecret, isUnknown, type Resource, type Value } from '../../lib/program/resources.ts';

type Table = { readonly [key: string]: Value };

/** As people write manifests; all other keys follow in the order of the alphabet. */
const FIRST = ['apiVersion', 'kind', 'metadata', 'name', 'namespace', 'labels', 'annotations', 'type'];

/** One Kubernetes object as a YAML document. Throws for what plain YAML cannot hold: a secret, or a value that only a run knows. */
export function objectYaml(resource: Resource): string {
  return toYaml(plain(withoutPulumi(resource.inputs), resource.name));
}

/** As people write manifests. */
export function toYaml(value: unknown): string {
  // kubectl reads YAML 1.1, in which `on` and `0440` are no texts.
  return stringify(value, {
    version: '1.1',
    lineWidth: 0,
    sortMapEntries: byConvention,
    aliasDuplicateObjects: false,
  });
}

/** Annotations that speak to Pulumi alone mean nothing to kubectl. */
function withoutPulumi(inputs: Table): Table {
  const metadata = inputs.metadata as Table | undefined;
  const annotations = Object.entries((metadata?.annotations ?? {}) as Table).filter(
    ([key]) => !key.startsWith('pulumi.com/'),
  );
  const { annotations: _, ...rest } = metadata ?? {};
  const kept = annotations.length > 0 ? { annotations: Object.fromEntries(annotations) } : {};
  return { ...inputs, metadata: { ...rest, ...kept } };
}

function plain(value: Value, where: string): Value {
  if (isSecret(value)) throw new Error(`${where} is a secret: it belongs into a Secret`);
  if (isUnknown(value)) throw new Error(`${where} is known only after a run, and cannot be in a manifest`);
  if (Array.isArray(value)) return value.map((item, i) => plain(item, `${where}[${i}]`));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, plain(inner, `${where}.${key}`)]),
  );
}

function byConvention(a: { key: unknown }, b: { key: unknown }): number {
  const rank = ({ key }: { key: unknown }) => {
    const name = typeof key === 'object' && key !== null && 'value' in key ? String(key.value) : String(key);
    const place = FIRST.indexOf(name);
    return [place === -1 ? FIRST.length : place, name] as const;
  };
  const [placeA, nameA] = rank(a);
  const [placeB, nameB] = rank(b);
  return placeA - placeB || (nameA < nameB ? -1 : nameA > nameB ? 1 : 0);
}
