import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { manifests, stepFiles } from '../cli/commands/render/manifests.ts';
import { compare, type Difference } from '../cli/lib/compare/compare.ts';
import { evaluate, evaluateAll } from '../cli/lib/program/evaluate.ts';
import {
  type Evaluation,
  isSecret,
  type Resource,
  type Secret,
  type Value,
} from '../cli/lib/program/resources.ts';
import { PLATFORMS } from '../components/platforms.ts';

// The program as a whole. Each evaluation is the real index.ts in a process of its own.
const PATIENCE = 120_000;

let phase0: Evaluation;
let phase1: Evaluation;
let phase2: Evaluation;
beforeAll(async () => {
  const phases = await evaluateAll([{ stack: 'phase0' }, { stack: 'phase1' }, { stack: 'phase2' }]);
  [phase0, phase1, phase2] = phases as [Evaluation, Evaluation, Evaluation];
}, PATIENCE);

/** Every change, in order: what happens to which resource, and each property as `old => new`. Where a statement stands in its file is none. */
function told({ changes, outputs }: Difference) {
  const text = (value: Value | undefined) => {
    if (value === undefined) return '';
    if (isSecret(value)) return '[secret]';
    const whole = JSON.stringify(value);
    // Long enough for the statements of a phase; a dashboard would fill the screen.
    return whole.length < 1000
      ? whole
      : `${whole.slice(0, 80)} ... ${createHash('sha256').update(whole).digest('hex')}`;
  };
  const properties = (list: Difference['outputs']) =>
    Object.fromEntries(
      list
        .filter(({ path }) => path !== 'lines')
        .map(({ path, before, after }) => [path, `${text(before)} => ${text(after)}`]),
    );
  const inputs = ({ lines: _, ...rest }: Resource['inputs']) => rest;
  return [
    ...changes.map(({ action, resource, properties: list }) => [
      `${action} ${resource.name}`,
      action === 'create' ? inputs(resource.inputs) : properties(list),
    ]),
    ['outputs', properties(outputs)],
  ];
}

function find({ resources }: Evaluation, name: string): Resource {
  const found = resources.find((resource) => resource.name === name);
  if (found === undefined) throw new Error(`no resource ${name}`);
  return found;
}

const alter = (replicas: number, voters: number) =>
  ['RANGE default', 'RANGE meta', 'RANGE liveness', 'RANGE system', 'DATABASE system'].map(
    (zone) => `ALTER ${zone} CONFIGURE ZONE USING num_replicas = ${replicas}, num_voters = ${voters}`,
  );
const change = (before: unknown, after: unknown) => `${JSON.stringify(before)} => ${JSON.stringify(after)}`;

describe('the whole difference', () => {
  it('between phase 0 and phase 1 is a node, a copy, and a reader', () => {
    expect(told(compare(phase0, phase1))).toEqual([
      ['update guard', { nodes: '1 => 2', replicationFactor: '1 => 2' }],
      ['update backup', { nodes: '1 => 2', replicationFactor: '1 => 2' }],
      ['update cluster-crdb', { 'spec.nodes': '1 => 2' }],
      ['update nodes-live', { nodes: '1 => 2' }],
      [
        'update replication',
        {
          nodes: '1 => 2',
          replicationFactor: '1 => 2',
          file: '"01-phase0-rf1.sql" => "11-phase1-rf2.sql"',
          statements: change(alter(1, 1), alter(2, 1)),
        },
      ],
      ['create users-reader-password', { length: 32, special: false }],
      [
        'create users-reader',
        {
          address: { context: '', namespace: 'crdb' },
          user: 'app_reader',
          password: expect.objectContaining({ secret: true, shape: '<users-reader-password>' }),
          file: '10-phase1-reader-user.sql',
          statements: [
            'USE evolution',
            'CREATE USER IF NOT EXISTS app_reader',
            'GRANT CONNECT ON DATABASE evolution TO app_reader',
            'GRANT USAGE ON SCHEMA public TO app_reader',
            'GRANT SELECT ON TABLE login_events, search_terms, witness_writes TO app_reader',
            'ALTER ROLE app_reader SET default_transaction_read_only = on',
            'ALTER ROLE app_reader SET default_transaction_use_follower_reads = on',
          ],
        },
      ],
      ['update app-database', { 'stringData.reader-url': '[secret] => [secret]' }],
      [
        'outputs',
        { 'phase.nodes': '1 => 2', 'phase.replicationFactor': '1 => 2', 'phase.next': expect.any(String) },
      ],
    ]);
  });

  it('between phase 1 and phase 2 is a node and three voters', () => {
    expect(told(compare(phase1, phase2))).toEqual([
      ['update guard', { nodes: '2 => 3', replicationFactor: '2 => 3' }],
      ['update backup', { nodes: '2 => 3', replicationFactor: '2 => 3' }],
      ['update cluster-crdb', { 'spec.nodes': '2 => 3' }],
      ['update nodes-live', { nodes: '2 => 3' }],
      [
        'update replication',
        {
          nodes: '2 => 3',
          replicationFactor: '2 => 3',
          file: '"11-phase1-rf2.sql" => "20-phase2-rf3.sql"',
          statements: change(alter(2, 1), alter(3, 3)),
        },
      ],
      [
        'outputs',
        { 'phase.nodes': '2 => 3', 'phase.replicationFactor': '2 => 3', 'phase.next': expect.any(String) },
      ],
    ]);
  });

  it('moves the reads of the app from one user to another, and its writes nowhere', () => {
    const url = (user: string, part: string) =>
      `postgresql://${user}:<users-${part}-password>@crdb-${part}.crdb.svc:26257/evolution?sslmode=verify-full&sslrootcert=/certs/ca.crt`;
    const urls = (evaluation: Evaluation) =>
      (find(evaluation, 'app-database').inputs.stringData as unknown as Secret).shape;
    const writer = url('app_writer', 'writer');
    expect(urls(phase0)).toEqual({
      'writer-url': writer,
      'reader-url': writer.replace('crdb-writer', 'crdb-reader'),
    });
    for (const evaluation of [phase1, phase2])
      expect(urls(evaluation)).toEqual({ 'writer-url': writer, 'reader-url': url('app_reader', 'reader') });
  });

  it('leaves everything else as it is, and there is much of it', () => {
    const names = ['load-init', 'load-run', 'services-writer', 'services-reader', 'certificates-node'];
    for (const [before, after] of [
      [phase0, phase1],
      [phase1, phase2],
    ] as const) {
      expect(compare(before, after).unchanged).toBeGreaterThan(70);
      for (const { type, name } of before.resources)
        if (/:(Deployment|StatefulSet|Job|Service|ConfigMap|ServiceAccount|NetworkPolicy)$/.test(type))
          names.push(name);
      for (const name of names) expect(find(after, name).inputs, name).toEqual(find(before, name).inputs);
    }
  });

  it('makes nothing anew and takes nothing away, also from phase 0 straight to phase 2', () => {
    for (const [before, after] of [
      [phase0, phase1],
      [phase1, phase2],
      [phase0, phase2],
    ] as const) {
      const actions = compare(before, after).changes.map(({ action }) => action);
      expect(actions.filter((action) => action !== 'create' && action !== 'update')).toEqual([]);
    }
  });

  it(
    'is nothing between a phase and itself',
    async () => {
      const again = await evaluate('phase1');
      expect(told(compare(phase1, again))).toEqual([['outputs', {}]]);
    },
    PATIENCE,
  );
});

describe('the order of a step', () => {
  /** Whether `later` waits for `earlier`: by itself, or because one of those around it does. */
  function waitsFor(evaluation: Evaluation, later: string, earlier: string): boolean {
    const byUrn = new Map(evaluation.resources.map((resource) => [resource.urn, resource]));
    const goal = find(evaluation, earlier).urn;
    const seen = new Set<string>();
    const queue = [find(evaluation, later)];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (next.urn === goal) return true;
      if (seen.has(next.urn)) continue;
      seen.add(next.urn);
      const parents = next.path.slice(0, -1).map((name) => find(evaluation, name).urn);
      for (const urn of [...next.dependencies, ...parents]) {
        const found = byUrn.get(urn);
        if (found !== undefined) queue.push(found);
      }
    }
    return false;
  }

  it('is guard, backup, nodes, live, replication, users, and then the app', () => {
    const steps = [
      'guard',
      'backup',
      'cluster-crdb',
      'nodes-live',
      'replication',
      'users-reader',
      'app-database',
    ];
    steps.slice(1).forEach((later, i) => {
      const earlier = steps[i] ?? '';
      expect(waitsFor(phase1, later, earlier), `${later} after ${earlier}`).toBe(true);
      expect(waitsFor(phase1, earlier, later), `${earlier} before ${later}`).toBe(false);
    });
  });

  it('has the way to a bucket and its credentials open before a backup goes there', () => {
    expect(waitsFor(phase1, 'backup', 'network-database-database')).toBe(true);
  });

  it('has the schema before the users and the load, which log in to it', () => {
    expect(waitsFor(phase0, 'users-writer', 'schema-bootstrap')).toBe(true);
    expect(waitsFor(phase0, 'load-init', 'schema-bootstrap')).toBe(true);
  });

  it('touches nothing in the cluster before the guard has said yes', () => {
    for (const { name, type } of phase0.resources)
      if (type.startsWith('kubernetes:')) expect(waitsFor(phase0, name, 'guard'), name).toBe(true);
  });
});

describe('a stack of its own', () => {
  const JOIN = ['--join=crdb-0.crdb.crdb:26258,crdb-1.crdb.crdb:26258,crdb-2.crdb.crdb:26258'];

  it(
    'of four nodes, and of five with five copies, is made by config alone',
    async () => {
      const readerUserEnabled = true;
      const [four, five] = (await evaluateAll([
        { stack: 'four', override: { nodes: 4, replicationFactor: 3, readerUserEnabled } },
        { stack: 'five', override: { nodes: 5, replicationFactor: 5, readerUserEnabled } },
      ])) as [Evaluation, Evaluation];
      expect(told(compare(phase2, four)).slice(0, -1)).toEqual([
        ['update guard', { nodes: '3 => 4' }],
        ['update backup', { nodes: '3 => 4' }],
        ['update cluster-crdb', { 'spec.nodes': '3 => 4' }],
        ['update nodes-live', { nodes: '3 => 4' }],
        ['update replication', { nodes: '3 => 4' }],
      ]);
      expect(told(compare(four, five)).slice(0, -1)).toEqual([
        ['update guard', { nodes: '4 => 5', replicationFactor: '3 => 5' }],
        ['update backup', { nodes: '4 => 5', replicationFactor: '3 => 5' }],
        ['update cluster-crdb', { 'spec.nodes': '4 => 5' }],
        ['update nodes-live', { nodes: '4 => 5' }],
        [
          'update replication',
          {
            nodes: '4 => 5',
            replicationFactor: '3 => 5',
            file: expect.any(String),
            statements: change(alter(3, 3), alter(5, 5)),
          },
        ],
      ]);
      for (const evaluation of [phase0, phase1, phase2, four, five]) {
        expect(find(evaluation, 'cluster-crdb').inputs.spec).toMatchObject({ additionalArgs: JOIN });
        expect(find(evaluation, 'guard').inputs.podTemplate).toEqual(
          find(phase0, 'guard').inputs.podTemplate,
        );
        expect(manifests(evaluation).length).toBeGreaterThan(6);
      }
    },
    PATIENCE,
  );

  it.each([
    ['eks', 'gp3', 'topology.kubernetes.io/zone', 's3://bucket/path?AUTH=implicit'],
    ['gke', 'premium-rwo', 'topology.kubernetes.io/zone', 'gs://bucket/path?AUTH=implicit'],
    ['generic', undefined, 'kubernetes.io/hostname', 'nodelocal://1/backups'],
  ] as const)(
    'on %s has its storage class, its spread and its backups',
    async (platform, storage, spread, backupDestination) => {
      expect(Object.keys(PLATFORMS)).toContain(platform);
      const evaluation = await evaluate('phase2', {
        override: { platform, backupDestination, licence: 'x' },
      });
      const { spec } = find(evaluation, 'cluster-crdb').inputs as unknown as { spec: CrdbSpec };
      expect(spec.dataStore.pvc.spec.storageClassName).toBe(storage);
      expect(spec.topologySpreadConstraints?.[0]?.topologyKey).toBe(spread);
      expect(find(evaluation, 'backup').inputs.destination).toBe(backupDestination);
      // The operator ignores a spread whose gate is shut.
      const operator = JSON.stringify(find(evaluation, 'operator-manifests').inputs);
      expect(operator.includes('TopologySpreadRules=true')).toBe(spread !== undefined);
      expect(stepFiles(evaluation).map(({ name }) => name)).toContain('cluster.yaml');
    },
    PATIENCE,
  );

  interface CrdbSpec {
    dataStore: { pvc: { spec: { storageClassName?: string } } };
    topologySpreadConstraints?: { topologyKey: string }[];
  }

  it(
    'that cannot work is refused by the program itself, with every wrong value named',
    async () => {
      const override = {
        nodes: 2,
        replicationFactor: 3,
        appNamespace: 'crdb',
        grafanaEnabled: true,
        prometheusEnabled: false,
      };
      await expect(evaluate('phase1', { override })).rejects.toMatchObject({
        expected: true,
        message: expect.stringMatching(
          /cannot work:\n {2}- replicationFactor is 3, which needs at least 3 nodes, and there are 2.*\n {2}- the three namespaces must differ.*\n {2}- grafanaEnabled without prometheusEnabled/,
        ),
      });
      await expect(
        evaluate('phase1', { override: { nodes: 'two', storageSize: '10 gigs' } }),
      ).rejects.toThrow(
        /- nodes is "two", .*\n.*- storageSize is "10 gigs", and must be a Kubernetes quantity/,
      );
      // Of the project's own keys, and of no others.
      const others = { nodeCount: 3, 'aws:region': 'eu-west-1' };
      await expect(evaluate('phase1', { override: others })).rejects.toThrow(
        /cannot work:\n {2}- nodeCount is not a setting; the nearest is nodes: .*\nNext: /,
      );
    },
    PATIENCE,
  );
});

describe('secrets', () => {
  it(
    'are in clear nowhere in what the program hands to the engine',
    async () => {
      const secured = { secure: 'v1:what:the-engine-encrypts' };
      const evaluation = await evaluate('phase2', {
        override: {
          licence: secured,
          backupPassphrase: secured,
          organization: 'Example',
          appRegistryUser: 'me',
          appRegistryPassword: secured,
        },
      });
      const text = JSON.stringify([phase0, phase1, phase2, evaluation]);
      // What stands for a password, a key or an encrypted setting while the program is evaluated, as it is and in base64.
      expect(text).not.toContain('mock-secret');
      const encoded = ['', ' ', '  '].map((shift) =>
        Buffer.from(`${shift}mock-secret`)
          .toString('base64')
          .slice(shift.length === 0 ? 0 : 4, -4),
      );
      for (const part of encoded) expect(text).not.toContain(part);
      // They are there, closed.
      expect(shapes(evaluation).join('\n')).toEqual(
        expect.stringMatching(
          /<licence>[\s\S]*<users-reader-password>|<users-reader-password>[\s\S]*<licence>/,
        ),
      );
      expect(find(evaluation, 'backup').inputs.passphrase).toMatchObject({
        secret: true,
        shape: '<backupPassphrase>',
      });
    },
    PATIENCE,
  );

  it('are whole Secrets and single inputs, and never part of a ConfigMap, a pod or a CrdbCluster', () => {
    for (const { name, type, inputs } of phase2.resources.filter((r) => r.type.startsWith('kubernetes:')))
      if (!type.endsWith(':Secret')) expect(closed(inputs), name).toEqual([]);
  });

  function shapes({ resources }: Evaluation): string[] {
    return resources.flatMap(({ inputs }) => closed(inputs));
  }

  function closed(value: Value): string[] {
    if (isSecret(value)) return [JSON.stringify(value.shape)];
    if (typeof value !== 'object' || value === null) return [];
    return Object.values(value).flatMap(closed);
  }
});
