import { describe, expect, it } from 'vitest';
import type { CrdbCluster } from '../components/database/kubernetes.ts';
import { fewerCopies, isApplied, otherChange, refusal } from './guard.ts';

const cluster = (nodes: number, labels: Record<string, string> = OURS, more: object = {}): CrdbCluster => ({
  metadata: { uid: 'u', labels },
  spec: { nodes, ...more } as CrdbCluster['spec'],
});
const OURS = { 'app.kubernetes.io/managed-by': 'kustomize' };
const before = (phase: string, nodes: number) => ({
  phase,
  nodes,
  replicationFactor: nodes,
  reader: nodes > 1,
});
const PHASE0 = { phase: 'phase0', previous: null, namespace: 'crdb' };
const PHASE1 = { phase: 'phase1', previous: before('phase0', 1), namespace: 'crdb' };
const PHASE2 = { phase: 'phase2', previous: before('phase1', 2), namespace: 'crdb' };

describe('the guard of a Job', () => {
  it('lets each step pass that begins where it should, in its middle, and once it is done', () => {
    expect(refusal(PHASE0, 1, null)).toBeNull();
    expect(refusal(PHASE0, 1, cluster(1))).toBeNull();
    expect(refusal(PHASE1, 2, cluster(1))).toBeNull();
    expect(refusal(PHASE1, 2, cluster(2))).toBeNull();
    expect(refusal(PHASE2, 3, cluster(2))).toBeNull();
    expect(refusal(PHASE2, 3, cluster(3))).toBeNull();
  });

  it('refuses fewer nodes: an older overlay over a newer cluster', () => {
    for (const [plan, nodes] of [
      [PHASE0, 1],
      [PHASE1, 2],
    ] as const)
      expect(refusal(plan, nodes, cluster(3))).toMatch(
        /^phase\d has \d nodes: the cluster only ever grows, and it has 3 nodes/,
      );
  });

  it('refuses fewer copies', () => {
    const plan = { phase: 'phase1', replicationFactor: 2 };
    expect(fewerCopies(plan, 3)).toContain(
      'phase1 has replication factor 2: the replication factor only ever grows, and it is 3',
    );
    expect(fewerCopies(plan, 2)).toBeNull();
    expect(fewerCopies(plan, 1)).toBeNull();
  });

  it('refuses to skip a phase, or to begin a later one with nothing', () => {
    expect(refusal(PHASE2, 3, cluster(1))).toBe(
      'phase2 skips phase1: the cluster has 1 node, and the step begins with 2. Apply that first: kubectl apply --server-side -k k8s/phase1',
    );
    expect(refusal(PHASE1, 2, null)).toContain(
      'there is no CrdbCluster in namespace crdb, and the step to phase1 begins at phase0',
    );
    expect(refusal({ ...PHASE0, phase: 'three' }, 3, cluster(1))).toContain(
      'begins with nothing, and there is a cluster of 1 nodes already',
    );
  });

  it("refuses a cluster of Pulumi's, by its label or by who set its fields, and one that somebody made by hand", () => {
    const pulumi = cluster(1, { 'app.kubernetes.io/managed-by': 'pulumi' });
    const relabelled = {
      ...cluster(1),
      metadata: { ...cluster(1).metadata, managedFields: [{ manager: 'pulumi-kubernetes-1a2b' }] },
    };
    for (const live of [pulumi, relabelled])
      expect(refusal(PHASE1, 2, live)).toBe(
        'the CrdbCluster belongs to a Pulumi stack, whose state would not know of the step. Take it with: npm run evolve',
      );
    expect(refusal(PHASE1, 2, cluster(1, {}))).toContain(
      'was made by somebody else: its label app.kubernetes.io/managed-by is not set',
    );
  });

  it('refuses whatever else would change, by its path, with what the API server says that it becomes', () => {
    const live = cluster(1, OURS, { resources: { limits: { cpu: '2' } }, cache: '25%' });
    const same = cluster(2, OURS, { cache: '25%', resources: { limits: { cpu: '2' } } });
    expect(otherChange('phase1', live, same)).toBeNull();
    const other = cluster(2, OURS, { resources: { limits: { cpu: '4' } } });
    expect(otherChange('phase1', live, other)).toContain(
      'restart the database\'s pods: resources.limits.cpu: "2" => "4"; cache: "25%" => not set.',
    );
    expect(isApplied(live, live)).toBe(true);
    expect(isApplied(live, same)).toBe(false);
  });
});
