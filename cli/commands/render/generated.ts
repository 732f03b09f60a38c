import { isObject, isSecret, type Resource, type Value } from '../../lib/program/resources.ts';

type Table = { readonly [key: string]: Value };

/** A PEM block that stands for one that is generated: see cli/lib/program/mocks.ts. */
const GENERATED = /^-----BEGIN [A-Z ]+-----\n<[\w-]+>\n-----END/;

/** What no file can hold of an object, because Pulumi generates it: a Secret, a certificate. */
export interface Generated {
  /** The command that makes it, in comments. */
  readonly comment: string;
  /** What is left of the object, if anything. */
  readonly rest: Resource | undefined;
}

/** undefined for an object that holds nothing of the kind. */
export function generatedPart(resource: Resource): Generated | undefined {
  if (resource.type === 'kubernetes:core/v1:Secret')
    return { comment: makeSecret(resource), rest: undefined };
  if (resource.type !== 'kubernetes:core/v1:ConfigMap') return undefined;
  const { inputs } = resource;
  const data = Object.entries(dataOf(inputs));
  const generated = data.filter(([, value]) => isGeneratedText(value)).map(([key]) => key);
  if (generated.length === 0) return undefined;
  const others = Object.fromEntries(data.filter(([key]) => !generated.includes(key)));
  const rest =
    Object.keys(others).length > 0 ? { ...resource, inputs: { ...inputs, data: others } } : undefined;
  return { comment: addToConfigMap(inputs, generated), rest };
}

function makeSecret({ inputs }: Resource): string {
  const { name, namespace } = inputs.metadata as Table;
  const type = typeof inputs.type === 'string' ? ` --type ${inputs.type}` : '';
  return comment(
    `Secret ${String(namespace)}/${String(name)}. Make it with your own values for what is in <>:`,
    `kubectl create secret generic ${String(name)} --namespace ${String(namespace)}${type}`,
    ...Object.entries(dataOf(inputs)).map(([key, value]) => `  ${argument(key, String(value))}`),
  );
}

/** With its own field manager, a server-side apply leaves the other keys alone. */
function addToConfigMap(inputs: Table, keys: readonly string[]): string {
  const { name, namespace } = inputs.metadata as Table;
  return comment(
    `ConfigMap ${String(namespace)}/${String(name)}: ${keys.join(', ')} is generated. Add your own:`,
    `kubectl create configmap ${String(name)} --namespace ${String(namespace)}`,
    ...keys.map((key) => `  --from-file=${key}`),
    '  --dry-run=client --output yaml | kubectl apply --server-side --field-manager=certificates --filename -',
  );
}

function comment(title: string, ...command: string[]): string {
  return [
    title,
    ...command
      .join(' \\\n')
      .split('\n')
      .map((line) => `  ${line}`),
  ]
    .map((line) => `# ${line}\n`)
    .join('');
}

/** Its keys, each with its shape, in which `<name>` stands for what is generated. */
function dataOf(inputs: Table): Table {
  const data = inputs.stringData ?? inputs.data ?? {};
  const open = isSecret(data) ? data.shape : data;
  if (!isObject(open)) throw new Error('The content is not a table');
  return Object.fromEntries(
    Object.entries(open).map(([key, value]) => [key, isSecret(value) ? value.shape : value]),
  );
}

function isGeneratedText(value: Value): boolean {
  return typeof value === 'string' && GENERATED.test(value);
}

/** A certificate or key comes from a file of that name. */
function argument(key: string, value: string): string {
  return value.includes('\n') ? `--from-file=${key}` : `--from-literal='${key}=${value}'`;
}
