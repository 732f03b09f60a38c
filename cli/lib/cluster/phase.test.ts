import { describe, expect, it } from 'vitest';
import { copies, healthy, PHASES } from './cluster.testing.ts';
import { phaseOf } from './phase.ts';

const nodes = (wanted: number) => ({ wanted, pods: [] });
const users = ['app_writer', 'root'];

describe('the phase of a cluster', () => {
  it.each([
    ['phase0', nodes(1), copies(1, 1), users],
    ['phase1', nodes(2), copies(2, 1), [...users, 'app_reader']],
    ['phase2', nodes(3), copies(3, 3), [...users, 'app_reader']],
  ])('is %s when each of its steps is done', (reached, ...[n, replication, u]) => {
    expect(phaseOf({ nodes: n, replication, users: u }, PHASES)).toEqual({ reached, inProgress: null });
  });

  it('is the last one that is whole, and says what of the next one is done', () => {
    expect(phaseOf({ nodes: nodes(2), replication: copies(1, 1), users }, PHASES)).toEqual({
      reached: 'phase0',
      inProgress: { phase: 'phase1', done: ['2 nodes'] },
    });
    expect(
      phaseOf({ nodes: nodes(3), replication: copies(2, 1), users: [...users, 'app_reader'] }, PHASES),
    ).toEqual({
      reached: 'phase1',
      inProgress: { phase: 'phase2', done: ['3 nodes'] },
    });
  });

  it('does not take three copies with one voter for phase 2', () => {
    const now = { nodes: nodes(3), replication: copies(3, 1), users: [...users, 'app_reader'] };
    expect(phaseOf(now, PHASES).reached).toBe('phase1');
  });

  it('is none where nothing can be seen', () => {
    const unseen = { problem: 'away' };
    expect(phaseOf({ ...healthy(), nodes: unseen, replication: unseen, users: unseen }, PHASES)).toEqual({
      reached: null,
      inProgress: null,
    });
  });
});
