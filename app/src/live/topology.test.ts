import { expect, it } from 'vitest';
import { topologyOf } from './testing.ts';
import { LatestTopology, TOPOLOGY } from './topology.ts';

it('keeps the newest that anybody saw, in whatever order it comes', () => {
  const latest = new LatestTopology();
  expect(latest.latest).toBeNull();
  latest.saw(topologyOf([{}, {}], { at: 2000, source: 'evolve' }), 5000);
  latest.saw(topologyOf([{}], { at: 1000, source: 'prometheus' }), 5000);
  expect(latest.latest).toMatchObject({ at: 2000, source: 'evolve' });
  latest.saw(topologyOf([{}, {}, {}], { at: 3000, source: 'prometheus' }), 5000);
  expect(latest.latest?.nodes).toHaveLength(3);
});

it('takes what was seen by a clock ahead as seen now, so that it does not keep out what comes later', () => {
  const latest = new LatestTopology();
  latest.saw(topologyOf([{}], { at: 900_000 }), 5000);
  expect(latest.latest?.at).toBe(5000);
  latest.saw(topologyOf([{}, {}], { at: 7000 }), 7000);
  expect(latest.latest?.nodes).toHaveLength(2);
});

it.each([
  ['no nodes', { nodes: [] }],
  ['ten nodes', { nodes: Array(10).fill(topologyOf([{}]).nodes[0]) }],
  ['a state that there is not', { nodes: [{ ...topologyOf([{}]).nodes[0], state: 'tired' }] }],
  ['less than no copies', { nodes: [{ ...topologyOf([{}]).nodes[0], voters: -1 }] }],
  ['half a copy', { nodes: [{ ...topologyOf([{}]).nodes[0], voters: 0.5 }] }],
  ['control characters', { nodes: [{ ...topologyOf([{}]).nodes[0], name: 'a\u0000' }] }],
  ['the name of Prometheus, which the app asks itself', { source: 'prometheus' }],
  ['something that nobody knows', { colour: 'blue' }],
])('refuses %s', (_, changes) => {
  expect(TOPOLOGY.safeParse(topologyOf([{}])).success).toBe(true);
  expect(TOPOLOGY.safeParse({ ...topologyOf([{}]), ...changes }).success).toBe(false);
});
