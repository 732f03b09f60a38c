import { describe, expect, it } from 'vitest';
import { healthy, PHASES, target, witness } from './cluster.testing.ts';
import { findings } from './findings.ts';
import type { ClusterNow } from './types.ts';

const bad = (over: Partial<ClusterNow>, of = target()) =>
  findings(healthy(over), of)
    .filter(({ ok }) => !ok)
    .map(({ part, detail }) => `${part}: ${detail}`);
const now = healthy() as unknown as Record<keyof ClusterNow, object>;

describe('a check', () => {
  it('finds nothing on a healthy cluster, and looks at every part', () => {
    const found = findings(healthy(), target());
    expect(found.filter(({ ok }) => !ok)).toEqual([]);
    expect(found.map(({ part }) => part)).toEqual([
      'nodes',
      'operator',
      'disks',
      'replication',
      'services',
      'users',
      'load',
      'app',
      'witness',
      'backups',
    ]);
    expect(found.find(({ part }) => part === 'replication')?.detail).toBe(
      '40 ranges, each with 3 voting copies',
    );
  });

  it.each<[string, Partial<ClusterNow>]>([
    ['nodes: 2 of 3 pods are there', { nodes: { wanted: 3, pods: [0, 1].map((i) => pod(i, 2)) } }],
    [
      'nodes: crdb-1 is not ready for SQL',
      { nodes: { wanted: 3, pods: [pod(0), { ...pod(1), ready: false }, pod(2)] } },
    ],
    ['nodes: crdb-2 sees 2 live nodes', { nodes: { wanted: 3, pods: [pod(0), pod(1), pod(2, 2)] } }],
    [
      'nodes: crdb-0 does not answer: refused',
      { nodes: { wanted: 3, pods: [{ ...pod(0), problem: 'refused' }, pod(1), pod(2)] } },
    ],
    [
      'operator: ResizePVC failed: it is forbidden',
      { operator: { failures: ['ResizePVC failed: it is forbidden'], lacking: [] } },
    ],
    [
      'operator: its condition Initialized is not true',
      { operator: { failures: [], lacking: ['Initialized'] } },
    ],
    [
      'disks: the cluster is set to 5Gi, phase2 needs 10Gi; datadir-crdb-1 has 5Gi (FileSystemResizePending), of 10Gi',
      { disks: { asked: '5Gi', disks: [disk(0), disk(1, '5Gi', 'FileSystemResizePending'), disk(2)] } },
    ],
    ['disks: datadir-crdb-2 has no volume, of 10Gi', { disks: { asked: '10Gi', disks: [disk(2, null)] } }],
    ['replication: 2 ranges unavailable', { replication: { ...now.replication, unavailable: 2 } as never }],
    ['replication: 5 under-replicated', { replication: { ...now.replication, underReplicated: 5 } as never }],
    [
      'replication: 4 ranges find no place for a copy',
      { replication: { ...now.replication, stuck: 4 } as never },
    ],
    [
      'replication: other zones require other copies; to fix them: ALTER DATABASE x CONFIGURE ZONE ...',
      { replication: { ...now.replication, otherZones: ['ALTER DATABASE x CONFIGURE ZONE ...'] } as never },
    ],
    [
      'replication: 7 of 40 ranges do not have the required copies',
      { replication: { ...now.replication, off: 7 } as never },
    ],
    ['services: crdb-reader does not exist', { services: { 'crdb-writer': 3, 'crdb-reader': null } }],
    ['services: crdb-writer leads to no ready pod', { services: { 'crdb-writer': 0, 'crdb-reader': 3 } }],
    ['users: app_reader does not exist', { users: ['app_writer'] }],
    ['load: 0 of 1 ready', { load: { name: 'x', wanted: 1, ready: 0, restarts: 0 } }],
    ['load: does not exist', { load: null }],
    [
      'witness: 1 acknowledged write is lost',
      { app: { ...now.app, witness: witness({ lost: 1 }) } as never },
    ],
    [
      'witness: no success for 6.0 s',
      {
        app: {
          ...now.app,
          witness: witness({ writes: { sent: 1, failed: 1, currentGapMs: 6000, longestGapMs: 6000 } }),
        } as never,
      },
    ],
    [
      'backups: none in nodelocal://1/backups',
      { backups: { destination: 'nodelocal://1/backups', count: 0, latest: null } },
    ],
  ])('finds %s', (expected, over) => {
    expect(bad(over)).toEqual([expected]);
  });

  it('names of the app only what fails', () => {
    const checks = { writer: { ok: false, detail: 'timeout' }, reader: { ok: true, detail: 'answers' } };
    expect(bad({ app: { ...now.app, readiness: { ok: false, checks } } as never })).toEqual([
      'app: writer timeout',
    ]);
  });

  it('gives what could not be seen as a finding, with the command that shows more', () => {
    const [found] = findings(healthy({ load: { problem: 'refused' } }), target({ context: 'kind-x' })).filter(
      ({ ok }) => !ok,
    );
    expect(found).toEqual({
      part: 'load',
      ok: false,
      detail: 'refused',
      next: 'kubectl --context kind-x -n crdb logs deployment/crdb-loadgen --tail=20',
    });
  });

  it('checks what the phase needs', () => {
    const [phase0, phase1] = PHASES;
    expect(bad({}, phase1)).toEqual([
      'nodes: the cluster is set to 3, phase1 needs 2',
      'replication: the zones require 3 voting copies, phase1 needs 1 voting and 1 non-voting copy',
    ]);
    expect(bad({ backups: { destination: 'x', count: 0, latest: null } }, phase0)).not.toContain('backups');
    expect(bad({}, target({ observability: ['grafana'] }))).toEqual(['grafana: does not exist']);
    expect(bad({ load: null }, target({ loadEnabled: false }))).toEqual([]);
  });
});

function disk(i: number, size: string | null = '10Gi', state: string | null = null) {
  return { name: `datadir-crdb-${i}`, size, state };
}

function pod(i: number, sees = 3) {
  return { name: `crdb-${i}`, ready: true, sees, restarts: 0 };
}
