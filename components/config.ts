import * as pulumi from '@pulumi/pulumi';
import { z } from 'zod';
import { PLATFORMS, type Platform, type PlatformName } from './platforms.ts';

const name = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be a Kubernetes name, e.g. crdb');
const quantity = z
  .string()
  .regex(/^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/, 'must be a Kubernetes quantity, e.g. 500m or 2Gi');
const image = z
  .string()
  .regex(
    /^[^\s:]+(:\d+\/[^\s:]+)?(:[\w][\w.-]*|@sha256:[0-9a-f]{64})$/,
    'must be an image with a tag or digest, e.g. sample-app:0.1.0',
  )
  .refine(
    (value) => !value.endsWith(':latest'),
    'must not be :latest: name a version, so that nothing changes by itself',
  );

/** The oldest CockroachDB whose grammar has every statement that is sent. Source: release notes of v26.2, backward-incompatible changes. */
const OLDEST = 'v26.2.0';

/** Whether a version such as `v26.2.5` is not older. */
const isSupported = (version: string) => version.localeCompare(OLDEST, 'en', { numeric: true }) >= 0;

const SETTINGS = z.object({
  nodes: z.int().min(1, 'must be at least 1').max(9, 'must be at most 9: for more, the operator is the tool'),
  replicationFactor: z.int(),
  readerUserEnabled: z.boolean(),

  platform: z.enum(Object.keys(PLATFORMS) as [PlatformName], {
    error: `must be one of ${Object.keys(PLATFORMS).join(', ')}`,
  }),
  context: z.string(),
  databaseNamespace: name,
  appNamespace: name,
  observabilityNamespace: name,

  cockroachVersion: z
    .string()
    .regex(/^v\d+\.\d+\.\d+$/, 'must be a version such as v26.2.5')
    .refine(
      isSupported,
      `must be ${OLDEST} or newer: sql/00-bootstrap.sql takes TEMPORARY from public, a privilege that came with it`,
    ),
  operatorManifest: z.string(),
  operatorInstall: z.boolean(),
  storageClass: z.string(),
  storageSize: quantity,
  databaseCpu: quantity,
  databaseCpuLimit: quantity,
  databaseMemory: quantity,
  nodeSelector: z.record(z.string(), z.string()),
  tolerations: z.array(z.record(z.string(), z.unknown())),
  spread: z.enum(['auto', 'hostname', 'zone', 'none']),
  allowPodRestart: z.boolean(),
  organization: z.string(),

  backupDestination: z
    .string()
    .regex(
      /^(nodelocal:\/\/(\d+|self)|s3:\/\/[^/?]+|gs:\/\/[^/?]+)(\/[^?]*)?(\?.*)?$/,
      'must be an address such as nodelocal://1/backups, s3://bucket/path?AUTH=implicit or gs://bucket/path?AUTH=implicit',
    ),

  loadEnabled: z.boolean(),
  loadWorkload: z.enum(['tpcc', 'kv', 'bank']),
  loadWarehouses: z.int().min(1).max(1000),
  loadRate: z.int().min(1).max(100_000),

  appImage: image,
  appReplicas: z.int().min(1).max(20),
  appAutoscaling: z.boolean(),

  prometheusEnabled: z.boolean(),
  prometheusImage: image,
  prometheusRetention: z.string().regex(/^\d+(s|m|h|d|w)$/, 'must be a duration such as 2d'),
  prometheusStorage: quantity,
  grafanaEnabled: z.boolean(),
  grafanaImage: image,

  networkPolicies: z.boolean(),
});

type Settings = z.infer<typeof SETTINGS>;

/** All settings, checked. Secrets are outputs that stay secret; an empty one counts as not set. */
export interface Config extends Settings {
  /** The platform's choices, with the settings that override them. */
  readonly choices: Platform;
  readonly licence: pulumi.Output<string> | undefined;
  readonly backupPassphrase: pulumi.Output<string> | undefined;
}

/** A setting that the program cannot work with. Its message says which, why, and what to write instead. */
export class ConfigError extends pulumi.RunError {}

/** Reads and checks the stack's settings. Throws a ConfigError that names every wrong one. */
export function readConfig(): Config {
  const config = new pulumi.Config();
  const settings = check(
    Object.fromEntries(
      Object.entries(SETTINGS.shape).map(([key, schema]) => [key, read(config, key, schema)]),
    ),
  );
  const platform: Platform = PLATFORMS[settings.platform];
  return {
    ...settings,
    choices: {
      ...platform,
      storageClass: settings.storageClass === '' ? platform.storageClass : settings.storageClass,
      spread: settings.spread === 'auto' ? platform.spread : settings.spread,
    },
    licence: secret(config, 'licence'),
    backupPassphrase: secret(config, 'backupPassphrase'),
  };
}

/** The checks alone, for values as `Pulumi.yaml` and a stack's file hold them. Throws a ConfigError. */
export function check(values: Record<string, unknown>): Settings {
  const parsed = SETTINGS.safeParse(values);
  const problems = parsed.success
    ? combinations(parsed.data)
    : parsed.error.issues.map((i) => `${i.path.join('.')} ${i.message}`);
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new ConfigError(`The configuration cannot work:\n${problems.map((p) => `  - ${p}`).join('\n')}`);
}

/** What is wrong with values that are each right by themselves. */
function combinations({ nodes, replicationFactor, readerUserEnabled, ...rest }: Settings): string[] {
  const problems: string[] = [];
  const factor = `replicationFactor ${replicationFactor}`;
  if (![1, 2, 3, 5, 7].includes(replicationFactor)) {
    problems.push(
      `${factor} is not possible: use 1, 3, 5 or 7 voters, or 2 for one voter and one non-voting copy (more even numbers only add a copy that can stop the rest)`,
    );
  } else if (replicationFactor > nodes) {
    problems.push(
      `${factor} needs at least ${replicationFactor} nodes and there are ${nodes}: set nodes to ${replicationFactor}, or replicationFactor to ${nodes >= 3 ? 3 : nodes}`,
    );
  }
  if (readerUserEnabled && replicationFactor < 2) {
    problems.push(
      'readerUserEnabled comes with the reader path of phase 1: set nodes and replicationFactor to 2 or more, or readerUserEnabled to false',
    );
  }
  const namespaces = [rest.databaseNamespace, rest.appNamespace, rest.observabilityNamespace];
  if (new Set(namespaces).size < namespaces.length)
    problems.push(`the three namespaces must differ, and are ${namespaces.join(', ')}`);
  if (rest.grafanaEnabled && !rest.prometheusEnabled)
    problems.push('grafanaEnabled without prometheusEnabled shows nothing: enable both, or neither');
  return problems;
}

function read(config: pulumi.Config, key: string, schema: z.ZodType): unknown {
  // Pulumi keeps every value as text; the schema says what it stands for.
  const text = config.get(key);
  if (text === undefined || schema instanceof z.ZodString || schema instanceof z.ZodEnum) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function secret(config: pulumi.Config, key: string): pulumi.Output<string> | undefined {
  const name = `${config.name}:${key}`;
  // `Config.get` warns when it is asked for a secret; all that is asked here is whether there is one.
  return pulumi.runtime.getConfig(name) ? config.requireSecret(key) : undefined;
}
