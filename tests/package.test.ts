import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Scratch } from '../cli/lib/machine/scratch.ts';
import { isSecret } from '../components/recorded.ts';
import { copyProject } from './support/checkout.ts';
import { ROOT } from './support/repository.ts';

// The components as a platform team gets them: packed, installed into a project of its own, and used there.
const NAME = 'cockroachdb-live-evolution';
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

const PROGRAM = `
import * as pulumi from '@pulumi/pulumi';
import { Certificates, Cluster, type ClusterArgs, EvolutionBackup, Grafana, Prometheus, Replication, Schema, Services } from '${NAME}';

const address = { context: '', namespace: pulumi.output('orders') };
const nodes = pulumi.output(3);
const backup = new EvolutionBackup('backup', {
  address, destination: 's3://bucket/orders?AUTH=implicit', database: 'orders', nodes, replicationFactor: 3,
  passphrase: 'plain-passphrase',
});
const certificates = new Certificates('certificates', { namespace: address.namespace });
const args: ClusterArgs = {
  namespace: address.namespace, nodes, cockroachVersion: 'v26.2.5', storageSize: '10Gi',
  cpu: '1', cpuLimit: '2', memory: '4Gi', spread: 'zone', nodeSecret: 'made-by-others',
};
export const name: pulumi.Output<string> = new Cluster('cluster', args, { dependsOn: backup }).crdb;
// A second cluster in the same namespace, by its name alone.
const orders = pulumi.output('orders');
new Certificates('orders-certificates', { namespace: address.namespace, cluster: orders });
new Cluster('orders', { ...args, cluster: orders, nodeSecret: 'orders-node-tls' });
new Services('orders-services', { namespace: address.namespace, cluster: orders });
new Replication('orders-replication', {
  address: { ...address, cluster: orders }, replicationFactor: nodes, nodes,
});
export const taken: pulumi.Output<boolean> = backup.taken;

// What these read comes along.
new Schema('schema', { address, licence: 'plain-licence' });
const prometheus = new Prometheus('prometheus', {
  namespace: 'watch', databaseNamespace: 'orders', appNamespace: 'shop', image: 'prom/prometheus:v3.5.0',
  retention: '2d', storage: '0', ca: certificates.ca,
});
new Grafana('grafana', { namespace: 'watch', image: 'grafana/grafana:12.2.0', prometheusUrl: prometheus.url });
`;

/** Evaluates the program under Pulumi's mocks, and prints what it makes. */
const EVALUATE = `
const pulumi = require('@pulumi/pulumi');
(async () => {
  const made = {};
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      made[name] = { type, inputs };
      return { id: name, state: { ...inputs, certPem: 'PEM', result: 'generated' } };
    },
    call: () => ({}),
  });
  await pulumi.runtime.runInPulumiStack(async () => require('./program.js'));
  await pulumi.runtime.disconnect();
  require('node:fs').writeFileSync('made.json', JSON.stringify(made));
})();
`;

/** Loads a provider the way the engine's host of dynamic providers does, and calls it. */
const CALL = `
const { readFileSync } = require('node:fs');
const text = JSON.parse(readFileSync('made.json', 'utf8')).backup.inputs.__provider;
const provider = require('require-from-string')(text).handler();
const inputs = JSON.parse(process.argv[2]);
(async () => {
  const known = await provider.check({}, inputs);
  const wrong = await provider.check({}, { ...inputs, destination: 'somewhere', database: 'a; b' });
  const unknown = await provider.check({}, { ...inputs, destination: '04da6b54-80e4-46f7-96ec-b56ff0331ba9' });
  const { changes } = await provider.diff('backup', inputs, { ...inputs, database: 'other' });
  const failure = await provider.create(inputs).catch((error) => error.message);
  const failures = [known, wrong, unknown].map((answer) => answer.failures.map(({ property }) => property));
  console.log(JSON.stringify({ failures, changes, failure }));
})();
`;

interface Made {
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: inputs are whatever the resource has.
  readonly inputs: any;
}

const scratch = new Scratch();
let outsider: string;
let made: Record<string, Made>;
const node = (args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = process.env) =>
  execFileSync(process.execPath, args, { cwd, encoding: 'utf8', env });
/** The compiler's complaints; empty when it has none. */
function compile(file: string, ...options: readonly string[]): string {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const strict = ['--strict', '--target', 'es2022', '--types', 'node', '--esModuleInterop'];
  try {
    return node([tsc, ...strict, ...options, file], outsider);
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

beforeAll(() => {
  const checkout = scratch.path('checkout');
  copyProject(checkout);
  execFileSync('npm', ['pack', '--loglevel=error', '--pack-destination', scratch.path('.')], {
    cwd: checkout,
    stdio: 'pipe',
  });
  outsider = scratch.path('outsider');
  const modules = join(outsider, 'node_modules');
  const installed = join(modules, NAME);
  mkdirSync(installed, { recursive: true });
  const tarball = scratch.path(`${NAME}-${version}.tgz`);
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  // In place of an installation of its dependencies, which would take a network.
  for (const entry of readdirSync(join(ROOT, 'node_modules')))
    if (entry !== NAME && !entry.startsWith('.'))
      symlinkSync(join(ROOT, 'node_modules', entry), join(modules, entry));
  writeFileSync(join(outsider, 'program.ts'), PROGRAM);
  writeFileSync(join(outsider, 'evaluate.cjs'), EVALUATE);
  writeFileSync(join(outsider, 'call.cjs'), CALL);
});

afterAll(() => scratch.remove());

describe('the packed components, in the project of an outsider', () => {
  it('compile, also where a project reads declarations as older ones do', () => {
    expect(compile('program.ts', '--module', 'commonjs', '--moduleResolution', 'node10')).toBe('');
    // By the map of exports; and the one mistake that is made is found.
    writeFileSync(join(outsider, 'wrong.ts'), PROGRAM.replace("'v26.2.5'", '26'));
    const complaints = compile('wrong.ts', '--module', 'nodenext', '--noEmit', '--skipLibCheck');
    expect(complaints.trim().split('\n')[0]).toMatch(
      /^wrong\.ts\(\d+,\d+\): .*number.*not assignable.*string/,
    );
    expect(complaints.match(/: error TS/g)).toHaveLength(1);
  });

  it('make what their arguments say, from outputs too', () => {
    node(['evaluate.cjs'], outsider);
    made = JSON.parse(readFileSync(join(outsider, 'made.json'), 'utf8'));
    const { metadata, spec } = made['cluster-crdb']?.inputs ?? {};
    expect(metadata).toMatchObject({ name: 'crdb', namespace: 'orders' });
    expect(spec).toMatchObject({
      nodes: 3,
      nodeTLSSecret: 'made-by-others',
      clientTLSSecret: 'crdb-root-tls',
    });
    expect(spec.additionalArgs[0]).toContain('crdb-0.crdb.orders:26258');
    expect(made.backup).toMatchObject({
      type: 'pulumi-nodejs:dynamic/evolution:EvolutionBackup',
      inputs: { address: { context: '', namespace: 'orders' }, database: 'orders', nodes: 3 },
    });
  });

  it('make a second cluster in the same namespace, whose objects have names of their own', () => {
    const named = (resource: string) => made[resource]?.inputs.metadata.name;
    expect(['orders-crdb', 'orders-services-writer', 'orders-certificates-root-secret'].map(named)).toEqual([
      'orders',
      'orders-writer',
      'orders-root-tls',
    ]);
    expect(made['orders-replication']?.inputs).toMatchObject({
      address: { namespace: 'orders', cluster: 'orders' },
      file: '20-phase2-rf3.sql',
    });
  });

  it('record their arguments, and no secret among them as plain text', () => {
    expect(made.cluster).toMatchObject({
      type: 'evolution:index:Cluster',
      inputs: { nodes: 3, spread: 'zone' },
    });
    expect(isSecret(made.schema?.inputs.licence)).toBe(true);
    const open = JSON.stringify(made, (_, value) => (isSecret(value) ? '[secret]' : value));
    expect(open).not.toMatch(/plain-(licence|passphrase)/);
    expect(JSON.stringify(made)).toMatch(/plain-licence.*plain-passphrase|plain-passphrase.*plain-licence/s);
  });

  it('find the files that they read: statements, dashboards and alert rules, without the tests of these', () => {
    expect(made['schema-bootstrap']?.inputs.statements).toContain('CREATE DATABASE IF NOT EXISTS evolution');
    const names = (name: string) => Object.keys(made[name]?.inputs.data ?? {});
    expect(names('grafana-dashboards')).toContain('cockroachdb-overview.json');
    expect(names('prometheus-alerts')).toContain('database.yml');
    const installed = readdirSync(join(outsider, 'node_modules', NAME), { recursive: true }).map(String);
    expect(installed.filter((file) => /[._]test(ing)?\./.test(file))).toEqual([]);
    expect(installed.filter((file) => /^(cli|app|tests|node_modules)\b/.test(file))).toEqual([]);
  });

  it('have a provider for the backup that loads in a bare Node process, and works there', () => {
    const inputs = {
      address: { context: '', namespace: 'orders' },
      destination: 's3://bucket/orders?AUTH=implicit',
      nodes: 3,
      replicationFactor: 3,
    };
    const env = { ...process.env, KUBECONFIG: join(outsider, 'none'), NODE_OPTIONS: '' };
    const seen = JSON.parse(node(['call.cjs', JSON.stringify(inputs)], outsider, env));
    expect(seen.failures).toEqual([[], ['destination', 'database'], []]);
    expect(seen.changes).toBe(true);
    expect(seen.failure).toMatch(/no kubeconfig/);
    // It is told where the package is by its name, and not by a path of this machine.
    expect(made.backup?.inputs.__provider).not.toContain(outsider);
  });
});
