import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import type { z } from 'zod';
import { type Script, scriptOf } from '../components/database/script.ts';
import { splitStatements } from '../sql/statements.ts';
import { FILES, PLAN_FILES, SETTING_KEYS, SETTINGS_SECRET } from './names.ts';
import { PLAN, type Plan, RECIPES, type Recipes } from './plan.ts';
import { Refused } from './refused.ts';
import type { Template } from './templates.ts';

/** The CrdbCluster as it is applied. */
export interface ClusterManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly nodes: number; readonly cockroachDBVersion: string } & Readonly<
    Record<string, unknown>
  >;
}

/** The input of the Job. */
export interface Given {
  readonly plan: Plan;
  readonly recipes: Recipes;
  readonly cluster: ClusterManifest;
  readonly credentials: Template;
  readonly objects: readonly Template[];
  readonly script: (file: string) => Script;
  /** Values of the Secret `evolution-settings` by key; undefined if the key is missing. */
  readonly setting: (key: keyof typeof SETTING_KEYS) => string | undefined;
}

/** Reads the files that are mounted into the pod. Throws a Refused that names an unusable file. */
export function readFiles(folders: { readonly plan: string; readonly settings: string } = FILES): Given {
  const text = (file: string) => {
    try {
      return readFileSync(join(folders.plan, file), 'utf8');
    } catch (error) {
      throw new Refused(
        `The plan has no ${file}: ${(error as Error).message}. Apply the whole folder: kubectl apply -k`,
      );
    }
  };
  const checked = <Schema extends z.ZodType>(schema: Schema, file: string): z.infer<Schema> => {
    const parsed = schema.safeParse(parse(text(file), { version: '1.1' }));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new Refused(
      `${file} does not fit this image: ${issue?.path.join('.')}: ${issue?.message}. Image and manifests must be of one version`,
    );
  };
  const objects = (file: string) =>
    parseAllDocuments(text(file), { version: '1.1' }).flatMap((document) =>
      document.contents === null ? [] : [document.toJS() as Written],
    );
  const one = (file: string) => {
    const [object] = objects(file);
    if (object === undefined) throw new Refused(`${file} holds no object`);
    return object;
  };
  return {
    plan: checked(PLAN, PLAN_FILES.plan),
    recipes: checked(RECIPES, PLAN_FILES.recipes),
    cluster: one(PLAN_FILES.cluster) as unknown as ClusterManifest,
    credentials: templateOf(one(PLAN_FILES.credentials)),
    objects: objects(PLAN_FILES.objects).map(templateOf),
    script: (file) => scriptOf(file, splitStatements(text(file), file)),
    setting: (key) => {
      const path = join(folders.settings, SETTING_KEYS[key]);
      return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
    },
  };
}

/** Returns the setting. If it is missing, throws a Refused that says how to create it. */
export function required(given: Given, key: keyof typeof SETTING_KEYS, why: string): string {
  const value = given.setting(key);
  if (value) return value;
  const { namespace } = given.plan;
  throw new Refused(
    `${why}, and the Secret ${SETTINGS_SECRET} has no ${SETTING_KEYS[key]}: kubectl -n ${namespace} create secret generic ${SETTINGS_SECRET} --from-file=${SETTING_KEYS[key]}=<file>; then apply again`,
  );
}

type Written = Omit<Template, 'texts'> & { data?: Template['texts']; stringData?: Template['texts'] };

function templateOf({ data, stringData, ...rest }: Written): Template {
  return { ...rest, texts: stringData ?? data ?? {} };
}
