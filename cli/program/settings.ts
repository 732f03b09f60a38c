import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** A stack's settings as the engine hands them to the program: text by full key. */
export interface Settings {
  readonly project: string;
  readonly config: { readonly [key: string]: string };
  readonly secretKeys: readonly string[];
}

/** A stack that there is no file for. */
export class UnknownStack extends Error {
  constructor(stack: string, known: readonly string[]) {
    super(
      `There is no stack ${stack}: no file Pulumi.${stack}.yaml. The stacks are ${known.join(', ') || 'none'}.`,
    );
  }
}

/** The stacks that have a file in the directory, sorted by name. */
export function stackNames(directory: string): string[] {
  return readdirSync(directory)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

/**
 * Reads `Pulumi.yaml` (the defaults) and `Pulumi.<stack>.yaml`, and lays `override` over them, keys without the project's name.
 * A stack without a file is right only if there is an override. A value that is encrypted becomes a placeholder: its key is not needed.
 */
export function readSettings(
  directory: string,
  stack: string,
  override?: Readonly<Record<string, unknown>>,
): Settings {
  const project = parse(readFileSync(join(directory, 'Pulumi.yaml'), 'utf8')) as ProjectFile;
  const file = join(directory, `Pulumi.${stack}.yaml`);
  if (!existsSync(file) && override === undefined) throw new UnknownStack(stack, stackNames(directory));
  const own = existsSync(file) ? ((parse(readFileSync(file, 'utf8')) as StackFile | null)?.config ?? {}) : {};

  const full = (key: string) => (key.includes(':') ? key : `${project.name}:${key}`);
  const values = new Map<string, unknown>();
  for (const [key, declared] of Object.entries(project.config ?? {})) {
    const value = isTable(declared) ? (declared.value ?? declared.default) : declared;
    if (value !== undefined) values.set(full(key), value);
  }
  for (const [key, value] of Object.entries({ ...own, ...override })) values.set(full(key), value);

  const config: Record<string, string> = {};
  const secretKeys: string[] = [];
  for (const [key, value] of values) {
    const encrypted = JSON.stringify(value)?.includes('"secure":') ?? false;
    if (encrypted) secretKeys.push(key);
    config[key] = encrypted ? placeholder(key.split(':')[1] ?? key) : text(value);
  }
  return { project: project.name, config, secretKeys };
}

/** Stands for a secret in an evaluation: recognised wherever it goes, also within a longer text. */
export function placeholder(name: string): string {
  return `mock-secret.${name}.`;
}

/** Finds placeholders; the first group is the name. */
export const PLACEHOLDER = /mock-secret\.([\w-]+)\./g;

interface ProjectFile {
  readonly name: string;
  readonly config?: Record<string, unknown>;
}

interface StackFile {
  readonly config?: Record<string, unknown>;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
