import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ConfigError, check as checkFor } from './config.ts';
import { SETTING_NAMES } from './settings.ts';

const ROOT = join(__dirname, '..');
const project = parse(readFileSync(join(ROOT, 'Pulumi.yaml'), 'utf8')) as {
  name: string;
  config: Record<string, { type: string; default: unknown; description: string }>;
};
const DEFAULTS = Object.fromEntries(
  Object.entries(project.config).map(([key, { default: value }]) => [key, value]),
);

const check = (values: Record<string, unknown>) => checkFor(values, 'phase1');

function phase(name: string): Record<string, unknown> {
  const { config } = parse(readFileSync(join(ROOT, `Pulumi.${name}.yaml`), 'utf8')) as {
    config: Record<string, unknown>;
  };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace(`${project.name}:`, ''), value]),
  );
}

function problem(values: Record<string, unknown>): string {
  try {
    check({ ...DEFAULTS, ...values });
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('was not refused');
}

describe('the configuration', () => {
  it('has a description and a default of its type for every key', () => {
    for (const [key, { type, default: value, description }] of Object.entries(project.config)) {
      expect(description, key).toMatch(/.{10,}\.$/);
      const actual = Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;
      expect(actual, key).toBe(type);
    }
  });

  it('is right with the defaults alone', () => {
    expect(check(DEFAULTS)).toMatchObject({ nodes: 1, replicationFactor: 1, readerUserEnabled: false });
  });

  it.each([
    ['phase0', 1, 1, false],
    ['phase1', 2, 2, true],
    ['phase2', 3, 3, true],
  ])(
    'of %s differs from the defaults in three keys only',
    (name, nodes, replicationFactor, readerUserEnabled) => {
      expect(phase(name)).toEqual({ nodes, replicationFactor, readerUserEnabled });
      check({ ...DEFAULTS, ...phase(name) });
    },
  );

  it.each(['v26.1.8', 'v25.4.14', 'v9.9.9'])('refuses CockroachDB %s, and says why', (cockroachVersion) => {
    expect(problem({ cockroachVersion })).toMatch(
      /cockroachVersion is "v.*", and must be v26\.2\.0 or newer: .*TEMPORARY/,
    );
  });

  it.each(['v26.2.0', 'v26.10.0', 'v27.1.0'])('takes CockroachDB %s', (cockroachVersion) => {
    expect(check({ ...DEFAULTS, cockroachVersion })).toMatchObject({ cockroachVersion });
  });

  it.each([
    [{ nodes: 4, replicationFactor: 3 }],
    [{ nodes: 5, replicationFactor: 5, readerUserEnabled: true }],
    [{ nodes: 3, replicationFactor: 1 }],
    [{ platform: 'eks', backupDestination: 's3://bucket/path?AUTH=implicit', licence: '[secret]' }],
    [{ platform: 'gke', backupDestination: 'gs://bucket?AUTH=implicit', licence: '[secret]' }],
    [{ platform: 'eks', demo: true }],
    [{ appRegistryUser: 'me', appRegistryPassword: '[secret]' }],
    [{ databaseCpu: '2', databaseMemory: '512Mi', storageSize: '640Mi', prometheusStorage: '0' }],
    // As Pulumi hands them over.
    [
      {
        nodes: '2',
        readerUserEnabled: 'false',
        nodeSelector: '{"disktype":"ssd"}',
        tolerations: '[{"key":"a"}]',
      },
    ],
    [{ appImage: `registry.example:5000/team/sample-app@sha256:${'a'.repeat(64)}` }],
    [{ appImage: `registry.example:5000/team/sample-app:0.1.0@sha256:${'a'.repeat(64)}` }],
    [{ grafanaImage: `grafana/grafana:12.2.0@sha256:${'0'.repeat(64)}` }],
  ])('allows %j', (values) => {
    check({ ...DEFAULTS, ...values });
  });

  it.each([
    [{ nodes: 0 }, 'nodes is 0, and must be a whole number from 1 to 9: pulumi config set nodes 3 -s phase1'],
    [{ nodes: 10 }, 'nodes is 10, and must be a whole number from 1 to 9'],
    [{ nodes: 1.5 }, 'nodes is 1.5, and must be a whole number'],
    [{ nodes: 'two' }, 'nodes is "two", and must be a whole number from 1 to 9'],
    [{ nodes: undefined }, 'nodes is not set, and must be a whole number'],
    [{ loadEnabled: 'yes' }, 'loadEnabled is "yes", and must be true or false'],
    [{ context: { a: 1 } }, 'context is {"a":1}, and must be text'],
    [
      { nodes: 2, replicationFactor: 3 },
      'replicationFactor is 3, which needs at least 3 nodes, and there are 2: pulumi config set replicationFactor 2 -s phase1',
    ],
    [
      { nodes: 5, replicationFactor: 4 },
      'replicationFactor is 4, and must be 1, 3, 5 or 7 voters, or 2 for one voter and one non-voting copy',
    ],
    [{ nodes: 1, replicationFactor: 0 }, 'replicationFactor is 0, and must be 1, 3, 5 or 7'],
    [{ readerUserEnabled: true }, 'readerUserEnabled needs the reader path of phase 1'],
    [{ platform: 'minikube' }, 'platform is "minikube", and must be one of kind, eks, gke, generic'],
    [{ storageSize: '10 gigs' }, 'storageSize is "10 gigs", and must be a Kubernetes quantity'],
    [{ databaseNamespace: 'My_NS' }, 'databaseNamespace is "My_NS", and must be a Kubernetes name'],
    [{ appNamespace: 'crdb' }, 'the three namespaces must differ'],
    [{ backupDestination: '/var/backups' }, 'must be an address such as nodelocal://1/backups'],
    [{ backupDestination: 'http://host/backups' }, 'must be an address such as'],
    [
      { appImage: 'sample-app' },
      'appImage is "sample-app", and must be an image with a tag, a digest or both',
    ],
    [{ appImage: 'sample-app:0.1.0@sha256:abc' }, 'and must be an image with a tag'],
    [{ appImage: `sample-app@0.1.0@sha256:${'a'.repeat(64)}` }, 'and must be an image with a tag'],
    [{ appImage: 'sample-app:latest' }, 'and must not be :latest'],
    [{ cockroachVersion: '26.2.5' }, 'and must be a version such as v26.2.5'],
    [{ prometheusEnabled: false }, 'grafanaEnabled without prometheusEnabled'],
    [{ loadWorkload: 'ycsb' }, 'loadWorkload is "ycsb", and must be one of tpcc, kv, bank'],
    [{ nodeSelector: 'ssd' }, 'pulumi config set --path nodeSelector.disktype ssd -s phase1'],
    [{ nodeSelector: { disktype: 1 } }, 'and must have text for each label'],
    [{ tolerations: {} }, "pulumi config set --path 'tolerations[0].key' database -s phase1"],
    [
      { databaseMemroy: '4Gi' },
      'databaseMemroy is not a setting; the nearest is databaseMemory: pulumi config rm',
    ],
    [
      { nodeCount: 3 },
      'nodeCount is not a setting; the nearest is nodes: pulumi config rm nodeCount -s phase1',
    ],
    [{ license: 'crl-0' }, 'license is not a setting; the nearest is licence'],
    [{ vpc: 'x' }, 'vpc is not a setting; Pulumi.yaml lists all settings'],
    [{ databaseCpu: '3' }, 'databaseCpu is 3, and above databaseCpuLimit, which is 2'],
    [{ databaseCpu: '2100m' }, 'databaseCpu is 2100m, and above databaseCpuLimit, which is 2'],
    [{ databaseCpu: '0' }, 'databaseCpu is "0", and must be more than 0'],
    [{ databaseCpuLimit: '0m' }, 'databaseCpuLimit is "0m", and must be more than 0'],
    [{ databaseMemory: '256Mi' }, 'databaseMemory is "256Mi", and must be 512Mi or more'],
    [{ databaseMemory: '2' }, 'databaseMemory is "2", and must be 512Mi or more'],
    [{ storageSize: '0' }, 'storageSize is "0", and must be 640Mi or more'],
    [{ storageSize: '500Mi' }, 'storageSize is "500Mi", and must be 640Mi or more'],
    [
      { appRegistryUser: 'me' },
      'only one of them is set: pulumi config set --secret appRegistryPassword -s phase1',
    ],
    [
      { appRegistryPassword: 'x' },
      'only one of them is set: pulumi config set appRegistryUser <user> -s phase1',
    ],
    [{ prometheusRetention: '0d' }, 'prometheusRetention is "0d", and must be a duration'],
    [
      { platform: 'eks', licence: 'x' },
      "backupDestination is on the disk of one node, which on eks is lost with its machine: set a bucket, or set demo to true: pulumi config set backupDestination 's3://<bucket>",
    ],
    [
      { platform: 'gke', backupDestination: 'gs://bucket?AUTH=implicit' },
      'licence is not set, and a cluster on gke is throttled',
    ],
  ])('refuses %j and says what to write instead', (values, reason) => {
    expect(problem(values)).toContain(reason);
  });

  it('names every wrong value at once', () => {
    const message = problem({ nodes: 0, platform: 'x', storageSize: 'y' });
    for (const key of ['nodes', 'platform', 'storageSize']) expect(message).toContain(key);
  });

  it('names the stack and its file, and ends with a next step', () => {
    expect(() => check({ ...DEFAULTS, nodes: 0 })).toThrow(ConfigError);
    expect(problem({ nodes: 0 }).split('\n')).toEqual([
      'The settings of phase1 (Pulumi.phase1.yaml) cannot work:',
      expect.stringMatching(/^ {2}- nodes is 0/),
      expect.stringMatching(/^Next: /),
    ]);
  });

  it('says one thing of each setting, and none of what the library for schemas says by itself', () => {
    for (const key of SETTING_NAMES.filter((name) => name in DEFAULTS && name !== 'licence'))
      for (const value of [undefined, null, 7.5, -1, true, '', 'no such value', [], [1], {}, { a: 1 }]) {
        let text = '';
        try {
          check({ ...DEFAULTS, [key]: value });
        } catch (error) {
          text = (error as Error).message;
        }
        expect(text).not.toMatch(/Invalid|Too (small|big)|expected|received/);
        expect(text.split('\n').filter((line) => line.startsWith(`  - ${key} is `)).length).toBeLessThan(2);
        for (const line of text.split('\n').filter((l) => l.startsWith('  - ')))
          expect(line).toMatch(/: pulumi config (set|rm) .+ -s phase1$/);
      }
  });

  it('shows no value of an address, which may hold a key', () => {
    expect(problem({ backupDestination: 'azure://b?AZURE_ACCOUNT_KEY=hidden' })).not.toContain('hidden');
    expect(problem({ someToken: 'hidden' })).not.toContain('hidden');
  });

  it('knows the same settings as Pulumi.yaml', () => {
    expect([...SETTING_NAMES].sort()).toEqual(Object.keys(project.config).sort());
  });
});
