import { describe, expect, it } from 'vitest';
import { healthy, PHASES, target } from '../../lib/cluster/cluster.testing.ts';
import { findings } from '../../lib/cluster/findings.ts';
import type { ClusterNow } from '../../lib/cluster/types.ts';
import type { Target } from '../../lib/phase/settings.ts';
import { refusal } from './refusal.ts';

describe('a drill is refused', () => {
  const refused = (now: ClusterNow, of = target()) => refusal('pod-kill', now, findings(now, of), of, PHASES);
  const outage = (now: ClusterNow, of: Target) => refusal('outage', now, findings(now, of), of, PHASES);
  const copies = (voters: number, fewestVoters = voters) =>
    ({ ...(healthy().replication as object), voters, fewestVoters }) as never;

  it('on fewer than three nodes or voters: it would be an outage', () => {
    const [phase0, phase1] = PHASES as [Target, Target];
    const one = healthy({ nodes: { wanted: 1, pods: [] }, replication: copies(1) });
    expect(refused(one, phase0)).toMatchObject({ code: 'EVO-731' });
    const two = healthy({ nodes: { wanted: 2, pods: [] }, replication: copies(1) });
    expect(refused(two, phase1)?.message).toContain('2 nodes and 1 voting copy of some range');
    // Asked for and not reached yet.
    expect(refused(healthy({ replication: copies(3, 1) }))).toMatchObject({ code: 'EVO-731' });
    expect(refused(healthy({ replication: copies(1, 3) }))).toMatchObject({ code: 'EVO-731' });
  });

  it('with a step that is allowed from where the cluster is, and the outage on purpose where there is one', () => {
    const [phase0, phase1] = PHASES as [Target, Target];
    const at = (wanted: number) =>
      healthy({
        nodes: { wanted, pods: [] },
        replication: { ...(copies(1) as object), replicas: wanted } as never,
      });
    expect(refused(at(1), phase0)?.next).toBe(
      'npm run evolve -- phase1. To have this outage on purpose: npm run drill -- outage (for what it does to whom, see demo/DEMO.md)',
    );
    expect(refused(at(2), phase1)?.next).toBe('npm run evolve -- phase2, then the drill');
    // The step to phase 1 was begun, and is not done.
    expect(refused(at(1), phase1)?.next).toMatch(/^npm run evolve -- phase1\. /);
    expect(refused(healthy({ replication: copies(3, 1) }))?.next).toMatch(/^npm run check; /);
  });

  it('and an outage on purpose where there is more than the only node, or where something is wrong already', () => {
    const [phase0, phase1, phase2] = PHASES as [Target, Target, Target];
    const alone = { name: 'crdb-0', ready: true, sees: 1, restarts: 0 };
    const one = healthy({
      nodes: { wanted: 1, pods: [alone] },
      replication: { ...(copies(1) as object), replicas: 1 } as never,
    });
    expect(outage(one, phase0)).toBeNull();
    expect(outage({ ...one, load: null }, phase0)).toMatchObject({ code: 'EVO-732' });
    expect(outage({ ...one, nodes: { problem: 'away' } }, phase0)).toMatchObject({ code: 'EVO-732' });
    const two = healthy({ nodes: { wanted: 2, pods: [] }, replication: copies(1) });
    expect(outage(two, phase1)).toMatchObject({
      code: 'EVO-737',
      next: 'npm run evolve -- phase2, then the drill',
    });
    expect(outage(healthy(), phase2)).toMatchObject({ code: 'EVO-737', next: 'npm run drill -- pod-kill' });
  });

  it('on a cluster that is not whole, or cannot be seen', () => {
    const hurt = healthy({ replication: { ...(copies(3) as object), underReplicated: 4 } as never });
    expect(refused(hurt)).toMatchObject({
      code: 'EVO-732',
      message: expect.stringContaining('4 under-replicated'),
    });
    expect(refused(healthy({ nodes: { problem: 'away' } }))).toMatchObject({ code: 'EVO-732' });
  });

  it('and on a whole cluster of three it is not', () => {
    expect(refused(healthy())).toBeNull();
    expect(refused(healthy({ backups: { destination: 'x', count: 0, latest: null } }))).toBeNull();
  });
});
