import { beforeAll, describe, expect, it } from 'vitest';
import type { Evaluation } from '../cli/lib/program/resources.ts';
import { evaluatePhases, find, PATIENCE } from './support/phases.ts';

let phase0: Evaluation;
let phase1: Evaluation;
beforeAll(async () => {
  [phase0, phase1] = await evaluatePhases();
}, PATIENCE);

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
