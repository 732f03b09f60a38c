import { expect, it } from 'vitest';
import { topologyOf } from '../../src/live/testing.ts';
import { dotsOf, dotUnit, isFresh } from './copies.ts';

const [node] = topologyOf([{ copies: [0, 0, 0] }]).nodes;
if (node === undefined) throw new Error('no node');

it.each([
  [3, 1],
  [16, 1],
  [17, 2],
  [60, 5],
  [68, 5],
  [81, 10],
  [1_000_000, 62_500],
])('of a node with %i copies, a dot stands for %i of them', (voters, unit) => {
  expect(dotUnit([{ ...node, voters }])).toBe(unit);
  expect(dotsOf({ ...node, voters }, unit).length).toBeLessThanOrEqual(16);
});

it('draws each kind of copy, those that answer for their range first', () => {
  expect(dotsOf({ ...node, voters: 3, nonVoters: 1, leases: 1 }, 1)).toEqual([
    'lease',
    'voter',
    'voter',
    'follower',
  ]);
});

it('draws a dot for what there is at all', () => {
  expect(dotsOf({ ...node, voters: 60, nonVoters: 1, leases: 1 }, 10)).toEqual([
    'lease',
    ...Array(5).fill('voter'),
    'follower',
  ]);
});

it('says nothing of the vote of a copy of which nobody told', () => {
  expect(dotsOf({ ...node, otherCopies: 3, leases: 1 }, 1)).toEqual(['lease', 'copy', 'copy']);
});

it('trusts what was pushed for ten seconds, and what was scraped for longer', () => {
  const pushed = topologyOf([{}], { at: 0 });
  const scraped = topologyOf([{}], { at: 0, source: 'prometheus' });
  expect([isFresh(pushed, 10_000), isFresh(pushed, 10_001)]).toEqual([true, false]);
  expect([isFresh(scraped, 30_000), isFresh(scraped, 40_000)]).toEqual([true, false]);
});
