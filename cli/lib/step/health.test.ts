import { describe, expect, it } from 'vitest';
import { BACKUP_REFUSALS } from '../../../components/database/backup-refusals.testing.ts';
import { copies } from '../cluster/cluster.testing.ts';
import type { ClusterNow } from '../cluster/types.ts';
import { CliError } from '../errors.ts';
import type { Target } from '../phase/settings.ts';
import type { StackState } from '../pulumi/state.ts';
import { blocking, databaseProblems, healthProblems, refuseBackupPlace } from './health.ts';

const pod = (name: string) => ({ name, ready: true, sees: 2, restarts: 0 });
const healthy = {
  nodes: { wanted: 2, pods: [pod('crdb-0'), pod('crdb-1')] },
  operator: { failures: [], lacking: [] },
  replication: copies(2, 1),
  load: { name: 'crdb-loadgen', wanted: 1, ready: 1, restarts: 0 },
  app: { readiness: { ok: true, checks: {} } },
  backups: { destination: 'nodelocal://1/backups', count: 1, latest: '/2026/11/21-120000.00' },
} as unknown as ClusterNow;
const at = { loadEnabled: true };
const now = (part: object): ClusterNow => ({ ...healthy, ...part });

describe('what speaks against a step', () => {
  it('is the database alone for a phase that is run again: load, app and operator may be what it puts right', () => {
    const operator = { failures: ['ResizePVC failed: forbidden'], lacking: [] };
    const nodes = { wanted: 2, pods: [pod('crdb-0')] };
    const harmed = now({ load: null, app: { problem: 'x' }, operator, nodes });
    expect(databaseProblems(harmed)).toEqual(['1 of 2 database pods exist']);
  });

  it('is nothing when every part is well', () => {
    expect(healthProblems(healthy, at)).toEqual([]);
  });

  it.each([
    [
      'a pod that is not there',
      { nodes: { wanted: 2, pods: [pod('crdb-0')] } },
      '1 of 2 database pods exist',
    ],
    [
      'a node that takes no SQL',
      { nodes: { wanted: 2, pods: [pod('crdb-0'), { ...pod('crdb-1'), ready: false }] } },
      'crdb-1 is not ready for SQL',
    ],
    [
      'a node that sees fewer',
      { nodes: { wanted: 2, pods: [pod('crdb-0'), { ...pod('crdb-1'), sees: 1 }] } },
      'crdb-1 sees 1 live nodes of 2',
    ],
    [
      'a range without a copy',
      { replication: { ...healthy.replication, underReplicated: 3 } },
      '3 of 40 ranges are under-replicated',
    ],
    [
      'a range that cannot be used',
      { replication: { ...healthy.replication, unavailable: 1 } },
      '1 of 40 ranges are unavailable',
    ],
    [
      'an operator that is stuck',
      { operator: { failures: ['ResizePVC failed: forbidden'], lacking: [] } },
      'the operator is stuck: ResizePVC failed: forbidden',
    ],
    ['no load', { load: null }, 'the load generator does not exist'],
    [
      'an app that does not answer',
      { app: { problem: 'refused' } },
      'the app, whose witness measures the step, does not answer: refused',
    ],
    [
      'an app that is not ready',
      { app: { readiness: { ok: false, checks: { reader: { ok: false, detail: 'no login' } } } } },
      'the app is not ready, reader: no login',
    ],
  ])('%s', (_, part, problem) => {
    expect(healthProblems(now(part), at)).toEqual([problem]);
  });

  it('is no missing load where none is asked for', () => {
    expect(healthProblems(now({ load: null }), { loadEnabled: false })).toEqual([]);
  });

  it('does not stop a step that is resumed, except for unavailable ranges', () => {
    const replication = { ...healthy.replication, underReplicated: 9 };
    expect(blocking(now({ replication, nodes: { wanted: 2, pods: [] }, app: { problem: 'x' } }))).toEqual([]);
    expect(blocking(now({ replication: { ...replication, unavailable: 1 } }))).not.toEqual([]);
  });
});

describe('the place of the backups', () => {
  const target = { stack: 'phase1', backupDestination: 'nodelocal://1/backups?KEY=secret' } as Target;
  const taken = (path: string): StackState[] => [
    {
      stack: 'phase1',
      pending: [],
      resources: [
        {
          urn: 'urn:pulumi:phase1::p::pulumi-nodejs:dynamic/evolution:EvolutionBackup::backup',
          type: 'pulumi-nodejs:dynamic/evolution:EvolutionBackup',
          outputs: { path, destination: target.backupDestination },
        },
      ],
    },
  ];
  const refusal = (part: object, states: StackState[]) => {
    try {
      refuseBackupPlace(now(part), states, target);
    } catch (error) {
      return error as CliError;
    }
    return null;
  };

  it('is right when it lists the last backup, or a later one', () => {
    expect(refusal({}, taken('/2026/11/21-120000.00'))).toBeNull();
    expect(refusal({}, taken('/2026/11/20-090000.00'))).toBeNull();
    expect(refusal({}, [])).toBeNull();
  });

  it('is stale when the last backup is not there any more', () => {
    for (const latest of [null, '/2026/11/20-120000.00']) {
      const error = refusal({ backups: { latest } }, taken('/2026/11/21-120000.00'));
      expect(error).toBeInstanceOf(CliError);
      expect(error?.code).toBe('EVO-304');
      expect(error?.next).toContain('npm run backup');
    }
  });

  it('is missing when it cannot be asked, and its keys are not printed', () => {
    const error = refusal({ backups: { problem: 'access denied' } }, []);
    expect(error?.code).toBe('EVO-303');
    expect(error?.message).toContain('access denied');
    expect(error?.message).not.toContain('secret');
  });

  it('may be empty before the first backup', () => {
    expect(refusal({ backups: { count: 0, latest: null } }, [])).toBeNull();
  });

  it.each(BACKUP_REFUSALS)('cannot be used, also before the first backup: %s', (_, problem) => {
    for (const states of [[], taken('/2026/11/21-120000.00')])
      expect(refusal({ backups: { problem } }, states)?.code).toBe('EVO-303');
  });
});
