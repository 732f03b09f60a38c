import { describe, expect, it } from 'vitest';
import { healthy, PHASES, target } from '../../lib/cluster/cluster.testing.ts';
import { phaseOf } from '../../lib/cluster/phase.ts';
import type { ClusterNow } from '../../lib/cluster/types.ts';
import { type StatusOf, statusRows } from './rows.ts';

const rows = (over: Partial<ClusterNow> = {}, more: Partial<StatusOf> = {}) => {
  const now = healthy(over);
  return statusRows({
    now,
    phase: phaseOf(now, PHASES),
    phases: PHASES,
    owner: 'phase2',
    target: target(),
    ...more,
  });
};
const line = (name: string, text: readonly string[]) => text.find((row) => row.startsWith(name));

describe('the status', () => {
  it('is one screen', () => {
    expect(rows()).toEqual([
      'phase     phase2',
      'owner     stack phase2',
      'cluster   namespace crdb',
      'nodes     3 of 3 ready (crdb-0 ready; crdb-1 ready; crdb-2 ready)',
      'operator  nothing failed',
      'disks     3 of 10Gi',
      'copies    3 voting copies of each range; one node may die',
      'ranges    40, all as they should be',
      'load      crdb-loadgen 1 of 1 ready',
      'app       sample-app-1 ready (writer answers as app_writer; reader answers as app_reader)',
      'witness   since phase2 100 sent, 7 failed; longest gap 1.2 s / 0.6 s; lost 0',
      'backup    /2026/06/12-101112.00 (2 in nodelocal://1/backups)',
      'next      nothing: the last phase is reached',
    ]);
  });

  it('does not call two copies failover', () => {
    const replication = {
      ...(healthy().replication as object),
      replicas: 2,
      voters: 1,
      stuck: 0,
      otherZones: [],
      fewestVoters: 1,
    } as never;
    expect(line('copies', rows({ replication }))).toBe(
      'copies    1 voting and 1 non-voting copy of each range; no failover yet',
    );
  });

  it('shows what is left of a step that is in progress, and how to go on', () => {
    const replication = {
      ...(healthy().replication as object),
      replicas: 2,
      voters: 1,
      underReplicated: 9,
      off: 12,
    } as never;
    const shown = rows({ replication });
    expect(line('phase', shown)).toBe('phase     phase1, on the way to phase2: 3 nodes done');
    expect(line('ranges', shown)).toBe('ranges    40, 9 under-replicated, 12 on their way');
    expect(line('next', shown)).toBe('next      npm run evolve -- phase2');
  });

  it('says what a hand-over that was made waits for', () => {
    const nodes = { wanted: 2, pods: [] };
    const replication = { ...(healthy().replication as object), replicas: 2, voters: 1 } as never;
    expect(line('next', rows({ nodes, replication }))).toBe(
      'next      pulumi preview -s phase2, then pulumi up -s phase2; or npm run evolve -- phase2',
    );
  });

  it('says what the operator fails at, and which disks are still to grow', () => {
    const shown = rows({
      operator: { failures: ['ResizePVC failed: it is forbidden'], lacking: [] },
      disks: { asked: '20Gi', disks: [{ name: 'datadir-crdb-0', size: '10Gi', state: null }] },
    });
    expect(line('operator', shown)).toBe('operator  FAILED: ResizePVC failed: it is forbidden');
    expect(line('disks', shown)).toBe('disks     to become 20Gi: datadir-crdb-0 has 10Gi');
  });

  it('says of what it cannot see why', () => {
    const shown = rows(
      { app: { problem: 'sample-app has no pod' } },
      { owner: { problem: 'no passphrase' } },
    );
    expect(line('app', shown)).toBe('app       not seen: sample-app has no pod');
    expect(line('owner', shown)).toBe('owner     no passphrase');
    expect(line('owner', rows({}, { owner: null }))).toBe('owner     no stack owns anything');
  });
});
