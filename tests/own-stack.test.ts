import { describe, expect, it } from 'vitest';
import { manifests, stepFiles } from '../cli/commands/render/manifests.ts';
import { compare } from '../cli/lib/compare/compare.ts';
import { evaluate } from '../cli/lib/program/evaluate.ts';
import { PLATFORMS } from '../components/platforms.ts';
import { alter, change, evaluatePhases, find, PATIENCE, told } from './support/phases.ts';

describe('a stack of its own', () => {
  const JOIN = ['--join=crdb-0.crdb.crdb:26258,crdb-1.crdb.crdb:26258,crdb-2.crdb.crdb:26258'];

  it(
    'of four nodes, and of five with five copies, is made by config alone',
    async () => {
      const readerUserEnabled = true;
      const evaluations = await evaluatePhases(
        { stack: 'four', override: { nodes: 4, replicationFactor: 3, readerUserEnabled } },
        { stack: 'five', override: { nodes: 5, replicationFactor: 5, readerUserEnabled } },
      );
      const [phase0, , phase2, four, five] = evaluations;
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
      for (const evaluation of evaluations) {
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
