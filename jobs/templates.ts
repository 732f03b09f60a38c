/** A Secret or ConfigMap whose texts contain `<name>` in place of generated values. */
export interface Template {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly type?: string;
  readonly texts: Readonly<Record<string, string>>;
}

/** The values in use, by name. */
export type Values = ReadonlyMap<string, string>;

/** e.g. `Secret sample-app/sample-app-database`. */
export const titleOf = ({ kind, metadata }: Pick<Template, 'kind' | 'metadata'>) =>
  `${kind} ${metadata.namespace}/${metadata.name}`;

/** The names of the generated values in a text. `<word>` that is not a known name is plain text. */
export function namesIn(text: string, known: ReadonlySet<string>): string[] {
  return [...text.matchAll(/<([\w-]+)>/g)].map(([, name]) => name ?? '').filter((name) => known.has(name));
}

/** Fills a text with the values. Throws if one is missing. */
export function fill(text: string, values: Values, known: ReadonlySet<string>): string {
  return text.replace(/<([\w-]+)>/g, (whole, name: string) => {
    if (!known.has(name)) return whole;
    const value = values.get(name);
    if (value === undefined) throw new Error(`there is no value for <${name}>`);
    return value;
  });
}

/** Reads the values back from a filled text; null if it does not have that form. */
export function match(
  template: string,
  text: string,
  known: ReadonlySet<string>,
): Map<string, string> | null {
  const names = namesIn(template, known);
  // A value that is the whole text may be anything, such as a certificate. Within a URL, it ends where the URL continues.
  const alone = names.length === 1 && template === `<${names[0]}>`;
  if (alone) return text === '' ? null : new Map([[names[0] as string, text]]);
  const pattern = template
    .split(/(<[\w-]+>)/)
    .map((part) => (known.has(part.slice(1, -1)) ? '([^@:/?#\\s]+)' : escaped(part)))
    .join('');
  const found = new RegExp(`^${pattern}$`).exec(text);
  if (found === null) return null;
  const values = new Map<string, string>();
  for (const [i, name] of names.entries()) {
    const value = found[i + 1] as string;
    if (values.has(name) && values.get(name) !== value) return null;
    values.set(name, value);
  }
  return values;
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
