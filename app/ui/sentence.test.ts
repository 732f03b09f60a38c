import { describe, expect, it } from 'vitest';
import type { Snapshot, Topology, WitnessState } from '../src/contract.ts';
import { snapshotOf, topologyOf } from '../src/live/testing.ts';
import { sentenceOf } from './sentence.ts';
import { statusOf } from './status.ts';

const live = statusOf('connected', 100, true);
const base = snapshotOf();
const { at, witness, routes } = base;
const writer = (silentMs: number | null) => ({ user: 'app_writer', silentMs });
const reader = (silentMs: number | null) => ({ user: 'app_reader', silentMs });
const one = { copies: [60, 0, 60] } as const;
const follower = { copies: [0, 60, 0] } as const;
const third = { copies: [60, 0, 20] } as const;
const failing = { ...routes, login: { ...routes.login, errors: 3 } };
const off = (changes: Partial<WitnessState>) => ({ witness: { ...witness, ...changes } });
const see = (
  nodes: Parameters<typeof topologyOf>[0],
  changes: Partial<Topology> = {},
  more: Partial<Snapshot> = {},
) => ({ topology: topologyOf(nodes, { at, ...changes }), ...more });
const short = (underReplicated: number) => ({ ranges: { total: 60, underReplicated, unavailable: 0 } });

describe('the sentence', () => {
  it.each<[string, Partial<Snapshot>]>([
    // Nodes, when nothing is going on.
    ['One node, one copy: if it dies, everything stops.', see([one])],
    ['Two nodes, one copy: the new node is still empty.', see([one, {}])],
    [
      'Two nodes, one copy: if a node dies, what it holds stops.',
      see([{ copies: [30, 0, 30] }, { copies: [30, 0, 30] }]),
    ],
    ['Two nodes: a copy that can answer reads, not failover.', see([one, follower])],
    ['Two nodes, two votes: both must agree, so either can stop the whole.', see([third, third])],
    ['Three nodes: copies that can answer reads, not failover.', see([one, follower, follower])],
    ['Three nodes, three copies: any one may die.', see([third, third, third])],
    ['Four nodes, three copies: any one may die.', see(Array(4).fill({ copies: [45, 0, 15] }))],
    ['Five nodes, five copies: any two may die.', see(Array(5).fill({ copies: [60, 0, 12] }))],
    [
      'Three nodes, three copies: Prometheus does not know which of them vote.',
      see(Array(3).fill({ otherCopies: 60 }), { source: 'prometheus' }),
    ],
    // Without a count of ranges, as a rehearsal has none.
    ['Three nodes, three copies: any one may die.', see([third, third, third], { ranges: null })],
    ['Two nodes: a copy that can answer reads, not failover.', see([one, follower], { ranges: null })],
    // What is being done.
    ['The first node starts.', see([{ state: 'joining' }])],
    ['A second node joins, and requests continue.', see([one, { state: 'joining' }])],
    ['A third node joins, and requests continue.', see([one, follower, { state: 'joining' }])],
    [
      'One of three nodes hands over its work and leaves.',
      see([third, third, { ...third, state: 'draining' }]),
    ],
    [
      'Three nodes: 31 of 60 ranges still get a copy, and requests continue.',
      see([one, { copies: [29, 0, 0] }, { copies: [30, 0, 0] }], short(31)),
    ],
    // What goes wrong.
    [
      'One of three nodes is down, and no request fails.',
      see([third, third, { ...third, state: 'dead' }], short(60)),
    ],
    [
      'One of three nodes is down, and 3 requests a second fail.',
      see([third, third, { ...third, state: 'dead' }], short(60), { routes: failing }),
    ],
    [
      'Two of three nodes are down, and no request fails.',
      see([third, { ...third, state: 'dead' }, { ...third, state: 'dead' }]),
    ],
    ['The only node is down.', see([{ ...one, state: 'dead' }])],
    [
      'One of three nodes is down.',
      see(
        [third, third, { ...third, state: 'dead' }],
        {},
        off({ reads: { ...witness.reads, currentGapMs: 1400 } }),
      ),
    ],
    [
      '7 of 60 ranges have no majority: their data is unavailable for now.',
      see([third, third, { ...third, state: 'dead' }], {
        ranges: { total: 60, underReplicated: 60, unavailable: 7 },
      }),
    ],
    ['3 of 25 requests a second fail; the database answers.', { routes: failing }],
    [
      '3 of 25 requests a second fail; the database answers.',
      see([one, { state: 'joining' }], {}, { routes: failing }),
    ],
    [
      'The database does not answer, 11 s. Nothing acknowledged is lost.',
      see([{ ...one, state: 'dead' }], {}, { paths: { writer: writer(11_000), reader: reader(10_400) } }),
    ],
    [
      'Writes get no answer, 3 s; reads do. Nothing acknowledged is lost.',
      { paths: { writer: writer(3_900), reader: reader(0) } },
    ],
    ['Reads get no answer, 3 s; writes do.', { paths: { writer: writer(0), reader: reader(3_900) } }],
    ['The database has not answered yet.', { paths: { writer: writer(null), reader: reader(null) } }],
    ['Reads get no answer; writes do.', { paths: { writer: writer(0), reader: reader(null) } }],
    // Never that nothing is lost, when something is.
    [
      'One acknowledged write is lost.',
      { ...off({ lost: 1 }), paths: { writer: writer(11_000), reader: reader(11_000) } },
    ],
    ['12 acknowledged writes are lost.', off({ lost: 12, duplicated: 1 })],
    ['2 acknowledged writes exist more than once.', off({ duplicated: 2 })],
    // What nobody sees is not claimed.
    ['The database answers; how many nodes it has is not known here.', {}],
    [
      'The database answers; its nodes were last seen 25 s ago.',
      see([third, third, { ...third, state: 'dead' }], { at: at - 25_000 }),
    ],
    ['Three nodes, three copies: any one may die.', see([third, third, third], { at: at - 9_000 })],
    // A rehearsal: one node is real, more are not, and a death of one proves nothing.
    ['One node, one copy: if it dies, everything stops.', see([one], { simulated: true })],
    [
      'Simulated: two nodes: a copy that can answer reads, not failover.',
      see([one, follower], { simulated: true }),
    ],
    [
      'Simulated: a second node joins, and requests continue.',
      see([one, { state: 'joining' }], { simulated: true }),
    ],
    [
      'Simulated: one of three nodes is down.',
      see([third, third, { ...third, state: 'dead' }], { simulated: true }),
    ],
  ])('is "%s"', (expected, changes) => {
    expect(sentenceOf(snapshotOf(changes), live).text).toBe(expected);
  });

  it.each([
    ['alarm', off({ lost: 1 })],
    ['alarm', { paths: { writer: writer(3_000), reader: reader(3_000) } }],
    ['watch', see([third, third, { ...third, state: 'dead' as const }])],
    ['watch', { routes: failing }],
    ['calm', see([third, third, third])],
  ])('is of the level %s when it has to be', (level, changes) => {
    expect(sentenceOf(snapshotOf(changes), live).level).toBe(level);
  });

  it('says that what is shown is old, whatever it was', () => {
    const old = statusOf('reconnecting', 7_000, true);
    expect(sentenceOf(base, old)).toEqual({
      text: 'The app does not answer: the values shown are old, last data 7 s ago.',
      level: 'watch',
    });
  });

  it('waits for the app, or for a place', () => {
    expect(sentenceOf(null, statusOf('connecting', null, true)).text).toBe('Waiting for the app.');
    expect(sentenceOf(null, statusOf('full', null, true)).text).toMatch(/^The app takes no more pages/);
  });
});
