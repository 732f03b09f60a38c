import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { cliError } from '../errors.ts';

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

/** The stacks that are phases of the evolution (`phase<number>`), in their order. */
export function phaseNames(directory: string): string[] {
  return stackNames(directory)
    .filter((name) => /^phase\d+$/.test(name))
    .sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)));
}

/**
 * Reads `Pulumi.yaml` (the defaults) and `Pulumi.<stack>.yaml`, and lays `override` over them, keys without the project's name.
 * A stack without a file is right only if there is an override. A value that is encrypted becomes a placeholder: its key is not needed.
 * Throws UnknownStack, and EVO-705 for a file that is not YAML.
 */
export function readSettings(
  directory: string,
  stack: string,
  override?: Readonly<Record<string, unknown>>,
): Settings {
  const project = readYaml(join(directory, 'Pulumi.yaml')) as unknown as ProjectFile;
  const own = readStackFile(directory, stack);
  if (own === null && override === undefined) throw new UnknownStack(stack, stackNames(directory));

  const full = (key: string) => (key.includes(':') ? key : `${project.name}:${key}`);
  const values = new Map<string, unknown>();
  for (const [key, declared] of Object.entries(project.config ?? {})) {
    const value = isTable(declared) ? (declared.value ?? declared.default) : declared;
    if (value !== undefined) values.set(full(key), value);
  }
  for (const [key, value] of Object.entries({ ...own?.config, ...override })) values.set(full(key), value);

  const config: Record<string, string> = {};
  const secretKeys: string[] = [];
  for (const [key, value] of values) {
    const encrypted = JSON.stringify(value)?.includes('"secure":') ?? false;
    if (encrypted) secretKeys.push(key);
    config[key] = encrypted ? placeholder(key.split(':')[1] ?? key) : text(value);
  }
  return { project: project.name, config, secretKeys };
}

/** The file of a stack as it is; null when there is none. Throws EVO-705. */
export function readStackFile(directory: string, stack: string): StackFile | null {
  const file = join(directory, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) return null;
  const { config, ...rest } = readYaml(file);
  if (config !== undefined && config !== null && !isTable(config))
    throw cliError('EVO-705', { file: basename(file), where: '', problem: 'its "config" is not a table' });
  return { ...rest, config: config ?? {} };
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

export interface StackFile {
  readonly config: Readonly<Record<string, unknown>>;
  /** What Pulumi itself keeps there, e.g. `encryptionsalt`. */
  readonly [key: string]: unknown;
}

/** The table in a file. */
function readYaml(path: string): Record<string, unknown> {
  const unreadable = (problem: string, line?: number) =>
    cliError('EVO-705', {
      file: basename(path),
      where: line === undefined ? '' : `, line ${line}`,
      problem,
    });
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable((error as Error).message);
  }
  let content: unknown;
  try {
    content = parse(text) ?? {};
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    // The first line says what is wrong; the others show the place.
    const problem = (error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
    throw unreadable(problem, error.linePos?.[0].line);
  }
  if (!isTable(content)) throw unreadable('it is not a table of keys and values');
  return content;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
