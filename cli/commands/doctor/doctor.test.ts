import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { amountOf } from '../../../components/quantity.ts';
import { capacityOf, type KubernetesFacts, type Machine, thisMachine } from '../../lib/diagnosis/machine.ts';
import { PROJECT } from '../../lib/program/evaluate.ts';
import { cluster } from './cluster.ts';
import { diagnose, needsOf } from './command.ts';

const GIB = 2 ** 30;
const FACTS: KubernetesFacts = {
  context: 'kind-x',
  version: 'v1.34.4',
  storageClasses: ['standard'],
  hasDefaultStorageClass: true,
  terminating: [],
  forbidden: [],
  capacity: { nodes: 1, cpu: { total: 8000, free: 6000 }, memory: { total: 32 * GIB, free: 24 * GIB } },
  operator: null,
};

const machine = (over: Partial<Machine> = {}): Machine => ({
  platform: 'linux',
  node: '22.22.0',
  env: { PULUMI_CONFIG_PASSPHRASE: 'x' },
  lines: async (command) => [`${command} 1`],
  pulumi: () => '3.265.0',
  wrongFor: async () => [],
  isFree: async () => true,
  kubernetes: async () => FACTS,
  stackFile: () => ({ config: { 'p:licence': { secure: 'v1:x' } } }),
  ...over,
});

/** What the doctor says other than ok, by its first words. */
const says = async (over: Partial<Machine> = {}) =>
  (await diagnose(machine(over), PROJECT))
    .filter(({ state }) => state !== 'ok')
    .map(({ what, state, detail, fix }) => ({ what, state, detail, fix }));
const facts = (over: Partial<KubernetesFacts>) => ({ kubernetes: async () => ({ ...FACTS, ...over }) });
const without = (tool: string) => ({
  lines: async (command: string) => {
    if (command === tool) throw new Error('not found');
    return ['there'];
  },
});

describe('the doctor', () => {
  it.each<[string, Partial<KubernetesFacts>, string, RegExp]>([
    ['ok', {}, "the cluster's default, of standard", /^$/],
    [
      'missing',
      { hasDefaultStorageClass: false },
      'the cluster has no default one, only: standard',
      /config set storageClass standard -s phase2/,
    ],
    [
      'missing',
      { storageClasses: [], hasDefaultStorageClass: false },
      'the cluster has none',
      /kubectl apply/,
    ],
  ])('finds of the default storage class: %s, %j', async (state, over, detail, fix) => {
    const needs = needsOf(PROJECT, ['phase2']);
    if (needs === null) throw new Error('phase2 has no settings');
    const { found } = await cluster(machine(facts(over)), { ...needs, storageClass: undefined });
    const said = found.find(({ what }) => what === 'storage class');
    expect(said).toMatchObject({ state, detail });
    expect(said?.fix ?? '').toMatch(fix);
  });

  it('finds nothing where all is there, and says so of each thing', async () => {
    expect(await says()).toEqual([]);
    const all = await diagnose(machine(), PROJECT);
    expect(all.map(({ what }) => what)).toEqual([
      'node',
      'pulumi',
      'kubectl',
      'docker',
      'kind',
      'passphrase',
      'settings',
      'context',
      'rights',
      'storage class',
      'resources',
      'operator',
      'ports',
      'licence',
      'secrets',
    ]);
  });

  it.each<[string, Partial<Machine>, object]>([
    ['an old Node.js', { node: '20.18.1' }, { what: 'node', state: 'missing' }],
    [
      'no Pulumi',
      {
        pulumi: () => {
          throw new Error('none');
        },
      },
      {
        what: 'pulumi',
        state: 'missing',
        fix: expect.stringMatching(/^npm ci .*docs\/install\/.*blocked: .*pulumi\/releases/),
      },
    ],
    ['no kubectl', without('kubectl'), { what: 'kubectl', state: 'note' }],
    ['no docker where a cluster is', without('docker'), { what: 'docker', state: 'note' }],
    [
      'no passphrase',
      { env: {} },
      { what: 'passphrase', state: 'missing', fix: expect.stringMatching(/^export /) },
    ],
    [
      'a file of the passphrase that is not there',
      { env: { PULUMI_CONFIG_PASSPHRASE_FILE: '/nonexistent' } },
      { what: 'passphrase', state: 'missing', detail: expect.stringContaining('/nonexistent') },
    ],
    [
      'an empty file of the passphrase',
      { env: { PULUMI_CONFIG_PASSPHRASE_FILE: '/dev/null' } },
      { what: 'passphrase', state: 'missing', detail: expect.stringContaining('/dev/null, which is empty') },
    ],
    [
      'a wrong passphrase',
      { wrongFor: async () => ['phase0', 'phase1'] },
      { what: 'passphrase', state: 'missing', detail: expect.stringContaining('that of phase0, phase1') },
    ],
    ['an empty passphrase', { env: { PULUMI_CONFIG_PASSPHRASE: '' } }, { what: 'passphrase', state: 'note' }],
    ['an old Kubernetes', facts({ version: 'v1.24.9' }), { what: 'context', state: 'missing' }],
    ['too few rights', facts({ forbidden: ['create namespaces'] }), { what: 'rights', state: 'missing' }],
    [
      'no such storage class',
      facts({ storageClasses: ['gp3'] }),
      { what: 'storage class', state: 'missing', fix: 'npx pulumi config set storageClass gp3 -s phase2' },
    ],
    [
      'a namespace that is being deleted',
      facts({ terminating: ['other', 'crdb'] }),
      {
        what: 'namespace',
        state: 'missing',
        detail: expect.stringMatching(/^crdb is being deleted/),
        fix: expect.stringContaining('kubectl --context kind-x wait --for=delete namespace/crdb'),
      },
    ],
    [
      'a cluster without a node',
      facts({ capacity: capacityOf([], []) }),
      { what: 'resources', state: 'missing', detail: expect.stringContaining('has no node') },
    ],
    [
      'a context that is not there',
      {
        kubernetes: async () => {
          throw new Error('The kubeconfig has no context "x", only: y');
        },
      },
      {
        what: 'context',
        state: 'missing',
        fix: expect.stringMatching(/context <name> -s phase0 && .* -s phase1 && .* -s phase2$/),
      },
    ],
    [
      'too little memory',
      facts({ capacity: { ...FACTS.capacity, memory: { total: 8 * GIB, free: 2 * GIB } } }),
      { what: 'resources', state: 'note', detail: expect.stringContaining('2.0 GiB free on 1 node') },
    ],
    ['a taken port', { isFree: async (port) => port !== 9090 }, { what: 'ports', state: 'note' }],
    ['no licence', { stackFile: () => null }, { what: 'licence', state: 'note' }],
    [
      'a secret in clear',
      {
        stackFile: (stack) => ({
          config: { 'p:licence': stack === 'phase1' ? 'crl-0-hidden' : { secure: 'x' } },
        }),
      },
      {
        what: 'secrets',
        state: 'missing',
        detail: expect.stringContaining('licence stands in clear in Pulumi.phase1.yaml'),
        fix: expect.stringContaining('npx pulumi config set --secret licence -s phase1'),
      },
    ],
    [
      'a key in a storage address',
      {
        stackFile: (stack) => ({
          config: {
            'p:licence': { secure: 'x' },
            ...(stack === 'phase0'
              ? { 'p:backupDestination': 's3://b/p?AWS_SECRET_ACCESS_KEY=crl-0-hidden' }
              : {}),
          },
        }),
      },
      { what: 'secrets', fix: "npx pulumi config set backupDestination 's3://b/p?AUTH=implicit' -s phase0" },
    ],
  ])('finds %s, and how to fix it', async (_, over, expected) => {
    const said = await says(over);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatchObject(expected);
    expect(JSON.stringify(said)).not.toContain('crl-0-hidden');
  });

  it('wants docker and kind only where there is no cluster', async () => {
    const said = await says({
      lines: async () => Promise.reject(new Error('not found')),
      kubernetes: () =>
        Promise.reject(
          new Error('The Kubernetes cluster of context "" cannot be reached: x. To see why: npm run doctor'),
        ),
    });
    expect(said.map(({ what, state }) => `${what} ${state}`)).toEqual([
      'kubectl note',
      'docker missing',
      'kind missing',
      'context missing',
    ]);
    expect(said.at(-1)?.detail).not.toContain('npm run doctor');
  });

  it('tells whether a port is free, by trying', async () => {
    const real = thisMachine(PROJECT);
    const { createServer } = await import('node:net');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    expect(await real.isFree(port)).toBe(false);
    await new Promise((resolve) => server.close(resolve));
    expect(await real.isFree(port)).toBe(true);
  });

  it('tells a program that is not there from one that fails, and reads the file of a stack', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'evolution-doctor-'));
    try {
      const real = thisMachine(folder);
      await expect(real.lines('no-such-program-here', [])).rejects.toThrow('not found');
      await expect(
        real.lines(process.execPath, ['-e', 'console.error("broken"); process.exit(2)']),
      ).rejects.toThrow('broken');
      expect(await real.lines(process.execPath, ['-e', 'console.log("a\\nb")'])).toEqual(['a', 'b']);
      expect(real.stackFile('x')).toBeNull();
      writeFileSync(join(folder, 'Pulumi.x.yaml'), 'config:\n  p:licence: clear\n');
      expect(real.stackFile('x')).toEqual({ config: { 'p:licence': 'clear' } });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the free resources', () => {
  it.each([
    ['500m', 0.5],
    ['2', 2],
    ['512Mi', 512 * 2 ** 20],
    ['1.5Gi', 1.5 * GIB],
    ['1G', 1e9],
    ['', 0],
    [undefined, 0],
  ])('read %s as %d', (text, value) => {
    expect(amountOf(text)).toBe(value);
  });

  it('are what the nodes can give, less what running pods asked for', () => {
    const node = (more: object = {}) => ({ status: { allocatable: { cpu: '4', memory: '8Gi' } }, ...more });
    const pod = (phase: string, nodeName?: string) => ({
      status: { phase },
      spec: {
        ...(nodeName ? { nodeName } : {}),
        containers: [{ resources: { requests: { cpu: '250m', memory: '1Gi' } } }, {}],
      },
    });
    const pods = [pod('Running', 'a'), pod('Running', 'a'), pod('Succeeded', 'a'), pod('Pending')];
    expect(capacityOf([node(), node(), node({ spec: { unschedulable: true } })], pods)).toEqual({
      nodes: 2,
      cpu: { total: 8000, free: 7500 },
      memory: { total: 16 * GIB, free: 14 * GIB },
    });
  });
});
