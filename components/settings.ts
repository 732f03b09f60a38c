import { z } from 'zod';
import { PLATFORMS, type PlatformName } from './platforms.ts';
import { amountOf } from './quantity.ts';

/**
 * Every setting, and what its value must be. The same for the program and the commands, which read some of them: see `read` in
 * settings-check.ts. A message continues "<setting> is <value>, and"; `example` is a valid value, as `pulumi config set` takes it.
 */
const shaped = (pattern: RegExp, must: string, example: string) =>
  z.string({ error: must }).regex(pattern, must).meta({ example });
const text = (example: string) => z.string({ error: 'must be text' }).meta({ example });
const flag = (example: boolean) =>
  z.boolean({ error: 'must be true or false' }).meta({ example: String(example) });
const whole = (low: number, high: number, example: number) => {
  const must = `must be a whole number from ${low} to ${high}`;
  return z
    .int({ error: must })
    .min(low, must)
    .max(high, must)
    .meta({ example: String(example) });
};
const oneOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names, { error: `must be one of ${names.join(', ')}` }).meta({ example: names[0] });

const name = (example: string) =>
  shaped(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    'must be a Kubernetes name: lower-case letters, digits and dashes',
    example,
  );
const quantity = (example: string) =>
  shaped(
    /^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/,
    'must be a Kubernetes quantity, e.g. 500m or 2Gi',
    example,
  );
const cpu = (example: string) =>
  quantity(example).refine((value) => amountOf(value) > 0, { error: 'must be more than 0', abort: true });
const atLeast = (least: string, why: string, example: string) =>
  quantity(example).refine((value) => amountOf(value) >= amountOf(least), `must be ${least} or more: ${why}`);
const image = (example: string) =>
  shaped(
    /^[^\s:@]+(:\d+\/[^\s:@]+)?(:[\w][\w.-]*|(:[\w][\w.-]*)?@sha256:[0-9a-f]{64})$/,
    'must be an image with a tag, a digest or both',
    example,
  ).refine(
    (value) => !value.endsWith(':latest'),
    'must not be :latest: name a version, so that nothing changes by itself',
  );

/** The oldest CockroachDB whose grammar has every statement that is sent. Source: release notes of v26.2, backward-incompatible changes. */
const OLDEST = 'v26.2.0';

/** Whether a version such as `v26.2.5` is not older. */
const isSupported = (version: string) => version.localeCompare(OLDEST, 'en', { numeric: true }) >= 0;

export const SETTINGS = z.object({
  nodes: whole(1, 9, 3),
  replicationFactor: z.int({ error: 'must be 1, 2, 3, 5 or 7' }).meta({ example: '3' }),
  readerUserEnabled: flag(true),

  platform: oneOf(Object.keys(PLATFORMS) as [PlatformName, ...PlatformName[]]),
  demo: flag(true),
  context: text('kind-crdb-evolution'),
  databaseNamespace: name('crdb'),
  appNamespace: name('sample-app'),
  observabilityNamespace: name('observability'),

  cockroachVersion: shaped(/^v\d+\.\d+\.\d+$/, 'must be a version such as v26.2.5', 'v26.2.5').refine(
    isSupported,
    `must be ${OLDEST} or newer: sql/00-bootstrap.sql takes TEMPORARY from public, a privilege that came with it`,
  ),
  operatorManifest: text('operator.yaml'),
  operatorInstall: flag(true),
  storageClass: text('standard'),
  // base.MinimumStoreSize of CockroachDB.
  storageSize: atLeast('640Mi', 'the smallest store that CockroachDB knows', '10Gi'),
  databaseCpu: cpu('500m'),
  databaseCpuLimit: cpu('2'),
  // A quarter goes to the cache, which takes 15 % more than it is told; the Go part is never held below 256 MiB; and both together are
  // to stay under 90 %: that is 418 MiB. Source: getDefaultGoMemLimit in CockroachDB's pkg/cli/start.go; the operator sets the cache.
  databaseMemory: atLeast(
    '512Mi',
    'with less, what CockroachDB keeps for itself at the least does not fit',
    '2Gi',
  ),
  nodeSelector: z
    .record(z.string(), z.string({ error: 'must have text for each label' }), {
      error: 'must be a table of labels',
    })
    .meta({ example: '--path nodeSelector.disktype ssd' }),
  tolerations: z
    .array(z.record(z.string(), z.unknown(), { error: 'must hold a table for each toleration' }), {
      error: 'must be a list of tolerations',
    })
    .meta({ example: "--path 'tolerations[0].key' database" }),
  spread: oneOf(['auto', 'hostname', 'zone', 'none']),
  allowPodRestart: flag(false),
  organization: text('Example'),

  backupDestination: shaped(
    /^(nodelocal:\/\/(\d+|self)|s3:\/\/[^/?]+|gs:\/\/[^/?]+)(\/[^?]*)?(\?.*)?$/,
    'must be an address such as nodelocal://1/backups, s3://bucket/path?AUTH=implicit or gs://bucket/path?AUTH=implicit',
    "'s3://bucket/path?AUTH=implicit'",
  ),

  loadEnabled: flag(true),
  loadWorkload: oneOf(['tpcc', 'kv', 'bank']),
  loadWarehouses: whole(1, 1000, 1),
  loadRate: whole(1, 100_000, 20),

  appImage: image('sample-app:0.1.0'),
  appRegistryUser: text('me'),
  appReplicas: whole(1, 20, 1),
  appAutoscaling: flag(false),

  prometheusEnabled: flag(true),
  prometheusImage: image('prom/prometheus:v3.5.0'),
  prometheusRetention: shaped(
    /^[1-9]\d*(s|m|h|d|w)$/,
    'must be a duration of a number and s, m, h, d or w',
    '2d',
  ),
  prometheusStorage: quantity('5Gi'),
  grafanaEnabled: flag(true),
  grafanaImage: image('grafana/grafana:12.2.0'),

  networkPolicies: flag(true),
});

export type Settings = z.infer<typeof SETTINGS>;

/** Settings that are set with --secret. Their values are not looked at here. */
export const SECRET_SETTINGS = ['licence', 'backupPassphrase', 'appRegistryPassword'] as const;

export const SETTING_NAMES: readonly string[] = [...Object.keys(SETTINGS.shape), ...SECRET_SETTINGS];
