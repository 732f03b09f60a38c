import { beforeAll, describe, expect, it } from 'vitest';
import { compare } from '../cli/lib/compare/compare.ts';
import { evaluate } from '../cli/lib/program/evaluate.ts';
import type { Evaluation, Secret } from '../cli/lib/program/resources.ts';
import { alter, change, evaluatePhases, find, PATIENCE, told } from './support/phases.ts';

let phase0: Evaluation;
let phase1: Evaluation;
let phase2: Evaluation;
beforeAll(async () => {
  [phase0, phase1, phase2] = await evaluatePhases();
}, PATIENCE);

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
