import { expect, it } from 'vitest';
import type { PhaseTotals } from '../src/contract.ts';
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

it('puts the death of the only node and that of one of three side by side, and counts neither to the steps', () => {
  const [before, , phase2] = phases as [PhaseTotals, PhaseTotals, PhaseTotals];
  const phase0 = { phase: 'phase0', requests: 4000, failed: 0, longestGapMs: 290 };
  const of = (first: string, last: string) =>
    closingOf(
      snapshotOf({
        topology: topologyOf([{}, {}, {}]),
        totals: {
          since: 0,
          requests: 12_910,
          failed: 215,
          phases: [
            before,
            phase0,
            { phase: first, requests: 400, failed: 212, longestGapMs: 11_200 },
            phase2,
            { phase: last, requests: 500, failed: 3, longestGapMs: 900 },
          ],
        },
      }),
    );
  const card = {
    title: 'One became three.',
    sum: '12,010 requests, 0 failed, 0 writes lost, longest gap 412 ms',
    phases: [
      { name: 'The only node killed', gap: '11 s', failed: '212 of 400 failed' },
      { name: 'One of three killed', gap: '900 ms', failed: '3 of 500 failed' },
    ],
  };
  expect(of('phase0, n1 killed', 'phase2, n3 killed')).toEqual(card);
  expect(of('phase0: drill outage', 'phase2: drill pod-kill')).toEqual(card);
  // Planned work is no death, and no part of a step.
  const drained = of('phase0: drill outage', 'phase2: drill drain');
  expect(drained.sum).toBe(card.sum);
  expect(drained.phases).toEqual([card.phases[0]]);
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
