import { expect, it } from 'vitest';
import { snapshotOf, topologyOf } from '../src/live/testing.ts';
import { closingOf } from './closing.ts';

const phases = [
  { phase: null, requests: 10, failed: 0, longestGapMs: 300 },
  { phase: 'phase0', requests: 4000, failed: 212, longestGapMs: 11_200 },
  { phase: 'phase2', requests: 8000, failed: 0, longestGapMs: 412 },
];
const totals = { since: 0, requests: 12_010, failed: 212, phases };

it('puts side by side what each phase cost', () => {
  const topology = topologyOf([{}, {}, {}]);
  expect(closingOf(snapshotOf({ topology, totals }))).toEqual({
    title: 'One became three.',
    sum: '12,010 requests, 212 failed, 0 writes lost',
    phases: [
      { name: 'phase0', gap: '11 s', failed: '212 failed' },
      { name: 'phase2', gap: '412 ms', failed: '0 failed' },
    ],
  });
});

it('claims no growth that nobody saw', () => {
  expect(closingOf(snapshotOf({ totals })).title).toBe('So far');
  expect(closingOf(snapshotOf({ totals, topology: topologyOf([{}]) })).title).toBe('So far');
  const simulated = topologyOf([{}, {}, {}], { simulated: true });
  expect(closingOf(snapshotOf({ totals, topology: simulated })).title).toBe(
    'One became three. (Simulated here.)',
  );
});

it('says what was lost', () => {
  const { witness } = snapshotOf();
  expect(closingOf(snapshotOf({ totals, witness: { ...witness, lost: 3 } })).sum).toContain('3 writes lost');
});
