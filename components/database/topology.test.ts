import { describe, expect, it } from 'vitest';
import { node } from './recorder.testing.ts';
import { type Node, type Row, storesOf } from './sql.ts';
import { knownStores, type TopologyNode, topologyNodes, topologyRanges } from './topology.ts';

const range = (voters: string, nonVoters = '{}'): Row => ({
  voting_replicas: voters,
  non_voting_replicas: nonVoters,
});
/** Stores are numbered by when they joined, which need not be the order of the nodes' names. */
const STORES = { n1: [1], n2: [3], n3: [2] };
const gone = (pod: string): Node => ({ pod, ready: false, metrics: {}, problem: 'ECONNREFUSED' });
const known = (state: TopologyNode['state']): TopologyNode[] => [
  { name: 'n1', state, voters: 0, nonVoters: 0, leases: 0 },
];

describe('the nodes of a topology', () => {
  it('have the replicas that are listed for their stores, and the leases that they report', () => {
    const nodes = [node('n1', 3, { replicas_leaseholders: 2 }), node('n2', 3), node('n3', 3)];
    const rows = [range('{1}', '{2}'), range('{1,2,3}'), range('{3}', '{1,2}')];
    expect(topologyNodes(nodes, rows, STORES, [])).toEqual([
      { name: 'n1', state: 'live', voters: 2, nonVoters: 1, leases: 2 },
      { name: 'n2', state: 'live', voters: 2, nonVoters: 0, leases: 0 },
      { name: 'n3', state: 'live', voters: 1, nonVoters: 2, leases: 0 },
    ]);
  });

  it('that are gone keep their replicas, which are on their disks', () => {
    const stores = knownStores(knownStores({}, [{ ...node('n1', 1), stores: [7] }]), [gone('n1')]);
    expect(topologyNodes([gone('n1')], [range('{7}')], stores, known('live'))).toMatchObject([
      { state: 'dead', voters: 1, leases: 0 },
    ]);
  });

  it('keep the replicas that they had while the ranges cannot be read', () => {
    const seen = { name: 'n1', state: 'live', voters: 5, nonVoters: 2, leases: 4 } as const;
    expect(topologyNodes([gone('n1')], null, STORES, [seen])).toEqual([
      { name: 'n1', state: 'dead', voters: 5, nonVoters: 2, leases: 0 },
    ]);
  });

  const unready: Node = { ...node('n1', 1), ready: false };
  it.each<[string, Node, TopologyNode[], TopologyNode['state']]>([
    ['joins until it is ready', gone('n1'), [], 'joining'],
    ['still joins', unready, known('joining'), 'joining'],
    ['drains when it answers and was ready', unready, known('live'), 'draining'],
    ['is dead when it no longer answers', gone('n1'), known('draining'), 'dead'],
    ['joins again after that', unready, known('dead'), 'joining'],
    ['is live when it is ready', node('n1', 1), known('dead'), 'live'],
  ])('one %s', (_, seen, before, state) => {
    expect(topologyNodes([seen], [], {}, before)[0]?.state).toBe(state);
  });
});

it('the ranges of a topology are counted by the nodes that report them', () => {
  const nodes = [
    node('n1', 2, { ranges_underreplicated: 3 }),
    node('n2', 2, { ranges_unavailable: 1 }),
    gone('n3'),
  ];
  expect(topologyRanges(nodes, [range('{1}'), range('{1}')])).toEqual({
    total: 2,
    underReplicated: 3,
    unavailable: 1,
  });
});

it('the stores of a node are the ones that its metrics name', () => {
  const page = [
    '# TYPE ranges gauge',
    'ranges{store="4",node_id="2"} 12',
    'ranges{store="5",node_id="2"} 3',
    'ranges_unavailable{store="6"} 0',
    'replicas{store="7"} 1',
  ].join('\n');
  expect(storesOf(page)).toEqual([4, 5]);
  expect(storesOf('sys_uptime{node_id="2"} 12')).toEqual([]);
});
