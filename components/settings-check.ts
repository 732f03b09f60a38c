import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import { amountOf } from './quantity.ts';
import { type SECRET_SETTINGS, SETTING_NAMES, SETTINGS, type Settings } from './settings.ts';

/** Settings by name, as a stack's file has them, or as the text that Pulumi makes of each. */
export type Values = Readonly<Record<string, unknown>>;

/** What is wrong with one setting. */
export interface Problem {
  readonly key: string;
  /** With the setting's name, and without a point at the end. */
  readonly text: string;
  /** The command that fixes it, from `pulumi` on. */
  readonly command: string;
}

export type Checked<Some> =
  | { readonly settings: Some; readonly problems: readonly [] }
  | { readonly settings: null; readonly problems: readonly Problem[] };

/** Checks all settings of a stack: each value, names that do not exist, and values that cannot go together. */
export function checkSettings(values: Values, stack: string): Checked<Settings> {
  const unknown = Object.keys(values)
    .filter((key) => !SETTING_NAMES.includes(key))
    .map((key) => unknownSetting(key, stack));
  const parsed = SETTINGS.safeParse(typed(values));
  const problems = parsed.success
    ? [...unknown, ...combinations(parsed.data, (secret) => isSet(values[secret]), stack)]
    : [...unknown, ...wrongValues(values, parsed.error, stack)];
  return parsed.success && problems.length === 0
    ? { settings: parsed.data, problems: [] }
    : { settings: null, problems };
}

/** Checks only some of the settings (`SETTINGS.pick`). Problems of the others are not found. */
export function readSome<Some extends z.ZodObject>(
  some: Some,
  values: Values,
  stack: string,
): Checked<z.infer<Some>> {
  const parsed = some.safeParse(typed(values));
  return parsed.success
    ? { settings: parsed.data, problems: [] }
    : { settings: null, problems: wrongValues(values, parsed.error, stack) };
}

/** What a user reads: a line for each problem, with the command that fixes it. */
export function problemList(problems: readonly Problem[]): string {
  return problems.map(({ text, command }) => `  - ${text}: ${command}`).join('\n');
}

/** Pulumi keeps every value as text; the schema says what it stands for. */
function typed(values: Values): Values {
  const shape: Readonly<Record<string, z.ZodType>> = SETTINGS.shape;
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      const kind = shape[key]?.def.type;
      if (typeof value !== 'string' || kind === undefined || kind === 'string' || kind === 'enum')
        return [key, value];
      try {
        return [key, JSON.parse(value)];
      } catch {
        return [key, value];
      }
    }),
  );
}

const isSet = (value: unknown) => value !== undefined && value !== '';

function wrongValues(values: Values, { issues }: z.ZodError, stack: string): Problem[] {
  // One message a setting: a value of the wrong kind is also out of bounds.
  const first = new Map(issues.toReversed().map((issue) => [String(issue.path[0]), issue.message]));
  return [...first].reverse().map(([key, message]) => ({
    key,
    text: `${key} is ${shown(key, values[key])}, and ${message}`,
    command: example(key as keyof Settings, stack),
  }));
}

/** The value as it was typed, but not an address, which may contain keys. */
function shown(key: string, value: unknown): string {
  if (value === undefined) return 'not set';
  if (key === 'backupDestination') return 'not a valid address';
  return JSON.stringify(value);
}

function example(key: keyof Settings, stack: string): string {
  const value = String(SETTINGS.shape[key].meta()?.example);
  return set(value.startsWith('--path ') ? value : `${key} ${value}`, stack);
}

const set = (what: string, stack: string) => `pulumi config set ${what} -s ${stack}`;

/** Similarity, from 0 to 1, above which a name counts as a misspelling of another: `nodeCount` and `nodes` are similar enough. */
const ALIKE = 0.4;

/** The setting whose name is most similar; undefined when none is similar enough. */
export function nearest(name: string): string | undefined {
  const near = closest(name, [...SETTING_NAMES]);
  const alike = 1 - distance(name, near) / Math.max(name.length, near.length);
  return alike > ALIKE ? near : undefined;
}

function unknownSetting(key: string, stack: string): Problem {
  const near = nearest(key);
  const hint = near === undefined ? 'Pulumi.yaml lists all settings' : `the nearest is ${near}`;
  return { key, text: `${key} is not a setting; ${hint}`, command: `pulumi config rm ${key} -s ${stack}` };
}

/** Problems of values that are valid on their own, but not together. */
function combinations(
  settings: Settings,
  has: (secret: (typeof SECRET_SETTINGS)[number]) => boolean,
  stack: string,
): Problem[] {
  const { nodes, replicationFactor, readerUserEnabled, platform, demo } = settings;
  const problems: Problem[] = [];
  const add = (key: Problem['key'], text: string, what: string) =>
    problems.push({ key, text, command: set(what, stack) });

  const factor = `replicationFactor is ${replicationFactor}`;
  const possible = nodes >= 3 ? 3 : nodes;
  if (![1, 2, 3, 5, 7].includes(replicationFactor))
    add(
      'replicationFactor',
      `${factor}, and must be 1, 3, 5 or 7 voters, or 2 for one voter and one non-voting copy (a higher even number only adds a copy that can stop the rest)`,
      `replicationFactor ${possible}`,
    );
  else if (replicationFactor > nodes)
    add(
      'replicationFactor',
      `${factor}, which needs at least ${replicationFactor} nodes, and there are ${nodes}`,
      `replicationFactor ${possible}`,
    );
  if (readerUserEnabled && replicationFactor < 2)
    add(
      'readerUserEnabled',
      'readerUserEnabled needs the reader path of phase 1: nodes and replicationFactor of 2 or more',
      'readerUserEnabled false',
    );
  const namespaces = [settings.databaseNamespace, settings.appNamespace, settings.observabilityNamespace];
  if (new Set(namespaces).size < namespaces.length)
    add(
      'appNamespace',
      `the three namespaces must differ, and are ${namespaces.join(', ')}`,
      'appNamespace sample-app',
    );
  if (settings.grafanaEnabled && !settings.prometheusEnabled)
    add(
      'grafanaEnabled',
      'grafanaEnabled without prometheusEnabled shows nothing: enable both, or neither',
      'grafanaEnabled false',
    );
  if ((settings.appRegistryUser !== '') !== has('appRegistryPassword'))
    add(
      'appRegistryUser',
      'appRegistryUser and appRegistryPassword are one login, and only one of them is set',
      settings.appRegistryUser === '' ? 'appRegistryUser <user>' : '--secret appRegistryPassword',
    );
  const { databaseCpu, databaseCpuLimit } = settings;
  if (amountOf(databaseCpu) > amountOf(databaseCpuLimit))
    add(
      'databaseCpu',
      `databaseCpu is ${databaseCpu}, and above databaseCpuLimit, which is ${databaseCpuLimit}: Kubernetes refuses such a pod`,
      `databaseCpuLimit ${databaseCpu}`,
    );
  if ((platform === 'eks' || platform === 'gke') && !demo) {
    if (settings.backupDestination.startsWith('nodelocal:'))
      add(
        'backupDestination',
        `backupDestination is on the disk of one node, which on ${platform} is lost with its machine: set a bucket, or set demo to true`,
        `backupDestination '${platform === 'eks' ? 's3' : 'gs'}://<bucket>/evolution?AUTH=implicit'`,
      );
    if (!has('licence'))
      add(
        'licence',
        `licence is not set, and a cluster on ${platform} is throttled to 5 open transactions after 7 days without one: set it, or set demo to true if the cluster is gone by then`,
        '--secret licence',
      );
  }
  return problems;
}
