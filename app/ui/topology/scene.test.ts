import { expect, it } from 'vitest';
import { snapshotOf, topologyOf } from '../../src/live/testing.ts';
import { describe as inWords, sceneOf } from './scene.ts';

const { at } = snapshotOf();
const two = [{ copies: [60, 0, 60] }, { copies: [0, 60, 0] }] as const;

it('draws one database, and no nodes, when nobody has seen any', () => {
  const { frames, captions } = sceneOf(snapshotOf({ topologyProblem: 'Prometheus does not answer.' }));
  expect(frames).toEqual([
    { kind: 'one', title: 'The database', nodes: [{ key: 'one', name: '', state: 'live', dots: [] }] },
  ]);
  expect(captions).toEqual(['Its nodes are not visible from here. Prometheus does not answer.']);
});

it('draws that one as away when it answers neither writes nor reads', () => {
  const paths = { writer: { user: 'w', silentMs: 9000 }, reader: { user: 'r', silentMs: 9000 } };
  const { frames, writer } = sceneOf(snapshotOf({ paths }));
  expect(frames[0]?.nodes[0]?.state).toBe('dead');
  expect(writer.silent).toBe(true);
});

it('draws what was seen, with its age and what a dot is', () => {
  const { frames, captions, stale } = sceneOf(snapshotOf({ topology: topologyOf(two, { at: at - 3000 }) }));
  expect(frames.map(({ kind, nodes }) => [kind, nodes.length])).toEqual([['seen', 2]]);
  expect(captions).toEqual(['a dot is 5 copies', 'seen 3 s ago by evolve']);
  expect(stale).toBe(false);
});

it('says when nobody has looked for a while', () => {
  expect(sceneOf(snapshotOf({ topology: topologyOf(two, { at: at - 11_000 }) })).stale).toBe(true);
});

it('keeps what is simulated apart from the one real database, to which the ways of the app lead', () => {
  const topology = topologyOf(two, {
    at,
    source: 'rehearsal',
    simulated: true,
    reader: { user: 'app_reader', node: 'crdb-1' },
  });
  const { frames, reader } = sceneOf(snapshotOf({ topology }));
  expect(frames.map(({ kind, title, nodes }) => [kind, title, nodes.length])).toEqual([
    ['one', 'PostgreSQL', 1],
    ['simulated', 'Simulated', 2],
  ]);
  expect(reader.node).toBe(0);
});

it('shows the users and rates that the app has itself, not those that it was told', () => {
  const topology = topologyOf(two, { at, reader: { user: 'somebody', node: null } });
  const paths = { writer: { user: 'app_writer', silentMs: 0 }, reader: { user: 'app_reader', silentMs: 0 } };
  const { writer, reader } = sceneOf(snapshotOf({ topology, paths }));
  expect([writer.user, reader.user]).toEqual(['app_writer', 'app_reader']);
  expect([writer.rate, reader.rate]).toEqual([5, 20]);
});

it('is told in words to those who do not see it', () => {
  const topology = topologyOf([{ copies: [1, 0, 1] }, { state: 'dead', copies: [0, 1, 0] }], { at });
  expect(inWords(sceneOf(snapshotOf({ topology })))).toBe(
    'The database: crdb-0 live, 1 dots vote, 0 follow; crdb-1 down, 0 dots vote, 1 follow. Writes as app_writer, Reads as app_writer.',
  );
});
