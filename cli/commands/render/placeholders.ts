import { isObject, isSecret, type Resource, type Value } from '../../lib/program/resources.ts';

type Table = { readonly [key: string]: Value };

/** A PEM block that stands for one that is generated: see cli/lib/program/mocks.ts. */
const GENERATED = /^-----BEGIN [A-Z ]+-----\n(<[\w-]+>)\n-----END [A-Z ]+-----\n$/;

/** Whether no file can hold the whole object: a Secret, or a ConfigMap with a certificate. */
export function isGenerated({ type, inputs }: Resource): boolean {
  if (type === 'kubernetes:core/v1:Secret') return true;
  return type === 'kubernetes:core/v1:ConfigMap' && Object.values(textsOf(inputs)).some(isPem);
}

/** The object with `<name>` for each part that is generated: a template for the Job that makes it. */
export function template(resource: Resource): Resource {
  const { data: _, stringData: __, ...rest } = resource.inputs;
  const texts = Object.fromEntries(
    Object.entries(textsOf(resource.inputs)).map(([key, value]) => [key, placeholderOf(value)]),
  );
  const key = resource.type === 'kubernetes:core/v1:Secret' ? 'stringData' : 'data';
  return { ...resource, inputs: { ...rest, [key]: texts } };
}

/** The names of all that stands for something else in a text. */
export const namesIn = (text: string): string[] =>
  [...text.matchAll(/<([\w-]+)>/g)].map(([, name]) => name ?? '');

/** The name of what stands for a generated value, e.g. `certificates-ca` for its PEM block. */
export function generatedName(value: Value | undefined): string {
  const shape = isSecret(value) ? value.shape : value;
  const name =
    typeof shape === 'string' ? /^<([\w-]+)>$/.exec(placeholderOf(shape) as string)?.[1] : undefined;
  if (name === undefined) throw new Error(`${JSON.stringify(shape)} stands for no generated value`);
  return name;
}

/** Each key with its shape, in which `<name>` stands for what is generated. */
function textsOf(inputs: Table): Table {
  const data = inputs.stringData ?? inputs.data ?? {};
  const open = isSecret(data) ? data.shape : data;
  if (!isObject(open)) throw new Error('The content is no table');
  return Object.fromEntries(
    Object.entries(open).map(([key, value]) => [key, isSecret(value) ? value.shape : value]),
  );
}

function isPem(value: Value): boolean {
  return typeof value === 'string' && GENERATED.test(value);
}

function placeholderOf(value: Value): Value {
  return typeof value === 'string' ? (GENERATED.exec(value)?.[1] ?? value) : value;
}
