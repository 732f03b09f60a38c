import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { check } from './config.ts';

const ROOT = join(__dirname, '..');
const project = parse(readFileSync(join(ROOT, 'Pulumi.yaml'), 'utf8')) as {
  name: string;
  config: Record<string, { type: string; default: unknown; description: string }>;
};
const DEFAULTS = Object.fromEntries(
  Object.entries(project.config).map(([key, { default: value }]) => [key, value]),
);

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
    expect(problem({ cockroachVersion })).toMatch(/cockroachVersion must be v26\.2\.0 or newer: .*TEMPORARY/);
  });

  it.each(['v26.2.0', 'v26.10.0', 'v27.1.0'])('takes CockroachDB %s', (cockroachVersion) => {
    expect(check({ ...DEFAULTS, cockroachVersion })).toMatchObject({ cockroachVersion });
  });

  it.each([
    [{ nodes: 4, replicationFactor: 3 }],
    [{ nodes: 5, replicationFactor: 5, readerUserEnabled: true }],
    [{ nodes: 3, replicationFactor: 1 }],
    [{ platform: 'eks', backupDestination: 's3://bucket/path?AUTH=implicit' }],
    [{ platform: 'gke', backupDestination: 'gs://bucket?AUTH=implicit' }],
    [{ appImage: 'registry.example:5000/team/sample-app@sha256:'.concat('a'.repeat(64)) }],
  ])('allows %j', (values) => {
    check({ ...DEFAULTS, ...values });
  });

  it.each([
    [{ nodes: 0 }, 'nodes must be at least 1'],
    [{ nodes: 10 }, 'nodes must be at most 9'],
    [{ nodes: 'two' }, 'nodes'],
    [
      { nodes: 2, replicationFactor: 3 },
      'replicationFactor 3 needs at least 3 nodes and there are 2: set nodes to 3, or replicationFactor to 2',
    ],
    [{ nodes: 5, replicationFactor: 4 }, 'replicationFactor 4 is not possible: use 1, 3, 5 or 7'],
    [{ nodes: 1, replicationFactor: 0 }, 'replicationFactor 0 is not possible'],
    [{ readerUserEnabled: true }, 'readerUserEnabled comes with the reader path of phase 1'],
    [{ platform: 'minikube' }, 'platform must be one of kind, eks, gke, generic'],
    [{ storageSize: '10 gigs' }, 'storageSize must be a Kubernetes quantity'],
    [{ databaseNamespace: 'My_NS' }, 'databaseNamespace must be a Kubernetes name'],
    [{ appNamespace: 'crdb' }, 'the three namespaces must differ'],
    [
      { backupDestination: '/var/backups' },
      'backupDestination must be an address such as nodelocal://1/backups',
    ],
    [{ backupDestination: 'http://host/backups' }, 'backupDestination must be an address'],
    [{ appImage: 'sample-app' }, 'appImage must be an image with a tag'],
    [{ appImage: 'sample-app:latest' }, 'appImage must not be :latest'],
    [{ cockroachVersion: '26.2.5' }, 'cockroachVersion must be a version such as v26.2.5'],
    [{ prometheusEnabled: false }, 'grafanaEnabled without prometheusEnabled'],
    [{ loadWorkload: 'ycsb' }, 'loadWorkload'],
  ])('refuses %j and says what to write instead', (values, reason) => {
    expect(problem(values)).toContain(reason);
  });

  it('names every wrong value at once', () => {
    const message = problem({ nodes: 0, platform: 'x', storageSize: 'y' });
    for (const key of ['nodes', 'platform', 'storageSize']) expect(message).toContain(key);
  });
});
