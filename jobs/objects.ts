import { MANAGED_BY } from '../components/names.ts';
import { type Api, about } from './api.ts';
import type { Given } from './files.ts';
import { issue, type Pair, password } from './generate.ts';
import { filled, find, holds, toGenerate, toWrite, type Wanted } from './missing.ts';
import { CA_SECRET } from './names.ts';
import { generatedNames, type Recipes } from './plan.ts';
import { Refused } from './refused.ts';
import { namesIn, type Template, titleOf, type Values } from './templates.ts';
import { certificateProblems } from './usable.ts';

/** The generated values, and the objects that hold them. */
export interface Inventory {
  readonly wanted: readonly Wanted[];
  readonly credentials: Wanted;
  readonly values: Map<string, string>;
  readonly known: ReadonlySet<string>;
  readonly recipes: Recipes;
}

/** The names of all generated values: those of the recipes, and the users' passwords. */
function namesOf({ recipes, plan }: Given): Set<string> {
  return new Set([...generatedNames(recipes), ...plan.users.map((user) => user.password.name)]);
}

/** Reads the existing objects, before anything is changed. Throws a Refused that names each unusable one. */
export async function takeStock(given: Given, api: Api): Promise<Inventory> {
  const { plan, recipes, objects, credentials } = given;
  const known = namesOf(given);
  const wanted = await Promise.all(
    [...caTemplates(recipes, plan.namespace), ...objects].map((template) => look(template, api)),
  );
  const own = await look(credentials, api);
  // A step writes its own user into the address. Until then, the key contains that of the previous phase.
  const free = (template: Template, key: string) =>
    plan.previous !== null && template === credentials && isLast(credentials, key, given);
  const { values, problems } = find([...wanted, own], known, free);
  const unusable = [...problems, ...certificateProblems(recipes.certificates, values)];
  if (unusable.length > 0) throw new Refused(unusable.join('. '));
  return { wanted, credentials: own, values: new Map(values), known, recipes };
}

/** Whether the key contains the password of the plan's last user: the only key that a step may change. */
function isLast({ texts }: Template, key: string, { plan }: Given): boolean {
  const last = plan.users.at(-1)?.password.name ?? '';
  return namesIn(texts[key] ?? '', new Set([last])).length > 0;
}

async function look(template: Template, api: Api): Promise<Wanted> {
  try {
    return { template, there: await api.texts(template) };
  } catch (error) {
    throw about(template, error);
  }
}

/** The CA with its private key: a Secret that no pod mounts. */
function caTemplates({ certificates }: Recipes, namespace: string): Template[] {
  return certificates
    .filter(({ signedBy }) => signedBy === null)
    .map(({ name, key }) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: CA_SECRET,
        namespace,
        labels: {
          'app.kubernetes.io/part-of': 'cockroachdb-live-evolution',
          [MANAGED_BY.label]: MANAGED_BY.kustomize,
        },
      },
      texts: { 'ca.crt': `<${name}>`, 'ca.key': `<${key}>` },
    }));
}

/** Creates missing objects and updates ConfigMaps. Logs their names and never their content. */
export async function makeMissing(
  inventory: Inventory,
  api: Api,
  say: (line: string) => void,
): Promise<void> {
  const { values, known, recipes } = inventory;
  const isOwnCa = ({ template, there }: Wanted) => there === null && template.metadata.name === CA_SECRET;
  // If others issued the certificates, only they have the CA's key.
  const wanted = inventory.wanted.filter((one) => !isOwnCa(one) || !hasForeignCa(recipes, values));
  const { passwords, certificates, problems } = toGenerate(wanted, values, recipes, known);
  if (problems.length > 0) throw new Refused(problems.join('. '));
  for (const { name, length } of passwords) values.set(name, password(length));
  for (const recipe of certificates) {
    const made = await issue(
      recipe,
      recipe.signedBy === null ? null : signerOf(recipe.signedBy, recipes, values),
    );
    values.set(recipe.name, made.certificate);
    values.set(recipe.key, made.key);
    // Store the CA before it signs anything: a lost key could not sign the next certificate.
    if (recipe.signedBy === null) await writeAll(wanted.filter(isOwnCa), values, known, api, say);
  }
  const rest = wanted.filter((one) => !isOwnCa(one));
  await writeAll(rest, values, known, api, say);
}

function hasForeignCa({ certificates }: Recipes, values: Values): boolean {
  return certificates.some((ca) => ca.signedBy === null && values.has(ca.name) && !values.has(ca.key));
}

function signerOf(name: string, { certificates }: Recipes, values: Values): Pair {
  const ca = certificates.find((recipe) => recipe.name === name);
  const [certificate, key] = [values.get(name), values.get(ca?.key ?? '')];
  if (certificate === undefined || key === undefined) throw new Error(`the CA ${name} is not there`);
  return { certificate, key };
}

async function writeAll(
  wanted: readonly Wanted[],
  values: Values,
  known: ReadonlySet<string>,
  api: Api,
  say: (line: string) => void,
): Promise<void> {
  for (const { template, texts, isNew } of toWrite(wanted, values, known)) {
    try {
      await api.write(template, texts);
    } catch (error) {
      throw about(template, error);
    }
    say(`${titleOf(template)} ${isNew ? 'made' : 'brought up to date'}.`);
  }
}

/** The password of a user: the one in use, or a new one. */
export function passwordOf(
  { values }: Inventory,
  { name, length }: { name: string; length: number },
): string {
  const value = values.get(name) ?? password(length);
  values.set(name, value);
  // It becomes part of URLs.
  return decodeURIComponent(value);
}

/** Writes the app's connection URLs if they differ. Running pods reload them. Returns whether it wrote them. */
export async function writeCredentials(
  { credentials: { template, there }, values, known }: Inventory,
  api: Api,
): Promise<boolean> {
  const texts = filled(template, values, known);
  if (holds(there, texts)) return false;
  try {
    // The step owns these URLs, whoever created the Secret.
    await api.write(template, texts, { force: there !== null });
  } catch (error) {
    throw about(template, error);
  }
  return true;
}
