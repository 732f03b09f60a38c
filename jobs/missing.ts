import type { CertificateRecipe, PasswordRecipe } from './plan.ts';
import { fill, match, namesIn, type Template, titleOf, type Values } from './templates.ts';

/** An object that must exist, and its current content; null if it does not exist. */
export interface Wanted {
  readonly template: Template;
  readonly there: Readonly<Record<string, string>> | null;
}

/** The generated values that existing objects contain, and the objects that are unusable. */
export interface Found {
  readonly values: Values;
  /** One sentence each, without any value. */
  readonly problems: readonly string[];
}

const LEFT_ALONE = 'It is left alone: put it right or take it away, then apply again';

/**
 * Reads the generated values from existing Secrets. `free` selects keys that a step may replace: a different form is not a problem there.
 */
export function find(
  wanted: readonly Wanted[],
  known: ReadonlySet<string>,
  free: (template: Template, key: string) => boolean = () => false,
): Found {
  const values = new Map<string, string>();
  const from = new Map<string, string>();
  const problems: string[] = [];
  for (const { template, there } of wanted) {
    // The content of a ConfigMap is copied from other objects.
    if (there === null || template.kind !== 'Secret') continue;
    const title = titleOf(template);
    for (const [key, text] of Object.entries(template.texts)) {
      const names = namesIn(text, known);
      if (names.length === 0) continue;
      const found = there[key] === undefined ? null : match(text, there[key], known);
      if (found === null) {
        if (!free(template, key)) problems.push(unusable(title, key, there[key] === undefined, text));
        continue;
      }
      for (const [name, value] of found) {
        const other = from.get(name);
        if (other !== undefined && values.get(name) !== value)
          problems.push(
            `${title} and ${other} differ in what is <${name}> in both. They are left alone: make them agree, then apply again`,
          );
        values.set(name, value);
        from.set(name, title);
      }
    }
  }
  return { values, problems };
}

function unusable(title: string, key: string, absent: boolean, text: string): string {
  return absent
    ? `${title} is there without the key ${key}. ${LEFT_ALONE}`
    : `${title} is there, and its ${key} is not of the form ${text}. ${LEFT_ALONE}`;
}

/** The objects to create and the ConfigMaps to update. Leaves out those that are already right. */
export function toWrite(
  wanted: readonly Wanted[],
  values: Values,
  known: ReadonlySet<string>,
): { readonly template: Template; readonly texts: Record<string, string>; readonly isNew: boolean }[] {
  return wanted.flatMap(({ template, there }) => {
    // An existing Secret is never replaced.
    if (template.kind === 'Secret' && there !== null) return [];
    const texts = filled(template, values, known);
    return holds(there, texts) ? [] : [{ template, texts, isNew: there === null }];
  });
}

/** Whether the object already has these texts. */
export function holds(there: Wanted['there'], texts: Readonly<Record<string, string>>): boolean {
  return there !== null && Object.entries(texts).every(([key, text]) => there[key] === text);
}

export function filled(
  template: Template,
  values: Values,
  known: ReadonlySet<string>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(template.texts).map(([key, text]) => [key, fill(text, values, known)]),
  );
}

/** The values to generate for the missing objects. */
export interface ToGenerate {
  readonly passwords: readonly PasswordRecipe[];
  /** The CA first. */
  readonly certificates: readonly CertificateRecipe[];
  readonly problems: readonly string[];
}

export function toGenerate(
  wanted: readonly Wanted[],
  values: Values,
  recipes: {
    readonly passwords: readonly PasswordRecipe[];
    readonly certificates: readonly CertificateRecipe[];
  },
  known: ReadonlySet<string>,
): ToGenerate {
  const needed = new Set(
    wanted
      .filter(({ template, there }) => there === null || template.kind !== 'Secret')
      .flatMap(({ template }) => Object.values(template.texts).flatMap((text) => namesIn(text, known)))
      .filter((name) => !values.has(name)),
  );
  const isNeeded = ({ name, key }: CertificateRecipe) => needed.has(name) || needed.has(key);
  const signed = recipes.certificates.filter((recipe) => recipe.signedBy !== null && isNeeded(recipe));
  const cas = recipes.certificates.filter((recipe) => recipe.signedBy === null);
  const problems: string[] = [];
  const certificates: CertificateRecipe[] = [];
  for (const ca of cas) {
    const signs = signed.filter(({ signedBy }) => signedBy === ca.name);
    if (!isNeeded(ca) && signs.length === 0) continue;
    if (!values.has(ca.name)) certificates.push(ca);
    else if (signs.length > 0 && !values.has(ca.key))
      problems.push(
        `the certificates of ${signs.map(({ subject }) => subject.commonName).join(', ')} are missing, and the key of the CA that made the others is not here. Make their Secrets with that CA, then apply again`,
      );
    certificates.push(...signs);
  }
  return { passwords: recipes.passwords.filter(({ name }) => needed.has(name)), certificates, problems };
}
