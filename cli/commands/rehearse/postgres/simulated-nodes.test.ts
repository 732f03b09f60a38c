import { expect, it } from 'vitest';
import { simulatedNodes } from './simulated-nodes.ts';

const LATER = 60_000;
const votes = (phase: 'phase0' | 'phase1' | 'phase2', sinceMs: number) =>
  simulatedNodes(phase, sinceMs).map(({ voters, nonVoters }) => `${voters}+${nonVoters}`);
const leases = (sinceMs: number) => simulatedNodes('phase2', sinceMs).map((node) => node.leases);

it('are one, two and three, of which the newest joins first', () => {
  expect(simulatedNodes('phase0', 0).map(({ state }) => state)).toEqual(['live']);
  expect(simulatedNodes('phase1', 0).map(({ state }) => state)).toEqual(['live', 'joining']);
  expect(simulatedNodes('phase2', 0).map(({ state }) => state)).toEqual(['live', 'live', 'joining']);
  expect(simulatedNodes('phase2', LATER).map(({ state }) => state)).toEqual(['live', 'live', 'live']);
});

it('hold the copies of each phase once these have arrived: one that votes, one more that follows, three that vote', () => {
  expect(votes('phase0', LATER)).toEqual(['6+0']);
  expect(votes('phase1', LATER)).toEqual(['6+0', '0+6']);
  expect(votes('phase2', LATER)).toEqual(['6+0', '6+0', '6+0']);
});

it('lose no copy and no lease at any moment of the last step', () => {
  for (let at = 0; at < 15_000; at += 250) {
    const [first, second] = simulatedNodes('phase2', at);
    expect(first?.voters).toBe(6);
    expect((second?.voters ?? 0) + (second?.nonVoters ?? 0)).toBe(6);
    expect(leases(at).reduce((sum, each) => sum + each, 0)).toBe(6);
  }
  expect(leases(LATER)).toEqual([2, 2, 2]);
});
