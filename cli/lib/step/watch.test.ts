import { describe, expect, it, vi } from 'vitest';
import { TOPOLOGY } from '../../../app/src/live/topology.ts';
import { node, recorder, testRun } from '../../../components/database/recorder.testing.ts';
import type { Node } from '../../../components/database/sql.ts';
import { recordingApp, target } from '../cluster/cluster.testing.ts';
import type { ClusterClients } from '../cluster/inspect.ts';
import { nodesLine, watchCluster } from './watch.ts';

const phase1 = target({ stack: 'phase1', nodes: 2, replicationFactor: 2 });
const first: Node = { ...node('crdb-0', 1, { replicas_leaseholders: 2 }), stores: [1] };
const second: Node = { ...node('crdb-1', 2), stores: [2] };
const starting: Node = { pod: 'crdb-1', ready: false, metrics: {}, problem: 'ECONNREFUSED' };

/** A watch until it was ended by the test. Each look is another of `looks`, the last one again and again. */
async function watch(
  looks: readonly Node[][],
  work: (parts: { app: ReturnType<typeof recordingApp>; lines: string[] }) => Promise<void>,
  find: (app: ReturnType<typeof recordingApp>) => ClusterClients['app'] = (app) => async () => app,
) {
  vi.useFakeTimers();
  const app = recordingApp();
  const lines: string[] = [];
  let next = 0;
  const database = recorder(
    () => [
      { voting_replicas: '{1}', non_voting_replicas: '{2}' },
      { voting_replicas: '{1}', non_voting_replicas: '{}' },
    ],
    () => looks[Math.min(next++, looks.length - 1)] ?? [],
  );
  const open = (_: unknown, work: (clients: ClusterClients) => Promise<unknown>) =>
    work({ database, app: find(app), run: testRun() } as unknown as ClusterClients);
  const ended = new AbortController();
  const watching = watchCluster(
    phase1,
    (nodes) => lines.push(nodesLine(nodes, phase1.nodes)),
    ended.signal,
    open as never,
  );
  try {
    await work({ app, lines });
  } finally {
    ended.abort();
    await watching;
    vi.useRealTimers();
  }
}

describe('the look at the cluster while a step goes on', () => {
  it('shows the page every two seconds which nodes there are, and the copies that each has by what they may do', async () => {
    await watch([[first], [first, starting], [first, second]], async ({ app, lines }) => {
      await vi.advanceTimersByTimeAsync(100);
      expect(app.shown).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(4000);
      expect(app.shown).toHaveLength(3);
      for (const seen of app.shown) expect(TOPOLOGY.safeParse(seen).error).toBeUndefined();
      expect(app.shown.map(({ nodes }) => nodes.map(({ state }) => state))).toEqual([
        ['live'],
        ['live', 'joining'],
        ['live', 'live'],
      ]);
      expect(app.shown.at(-1)).toMatchObject({
        source: 'evolve',
        simulated: false,
        nodes: [
          { name: 'crdb-0', voters: 2, nonVoters: 0, leases: 2 },
          { name: 'crdb-1', voters: 0, nonVoters: 1 },
        ],
        ranges: { total: 2 },
      });
      expect(lines[1]).toBe('nodes 1 of 2');
    });
  });

  it('does not wait for an app that does not answer, and goes on where there is none', async () => {
    const silent = (app: ReturnType<typeof recordingApp>) => async () => ({
      ...app,
      topology: () => new Promise<boolean>(() => {}),
    });
    await watch(
      [[first]],
      async ({ lines }) => {
        await vi.advanceTimersByTimeAsync(6100);
        expect(lines).toHaveLength(4);
      },
      silent,
    );
    await watch(
      [[first]],
      async ({ lines }) => {
        await vi.advanceTimersByTimeAsync(6100);
        expect(lines).toHaveLength(4);
      },
      () => async () => null,
    );
  });

  it('finds the app anew when it was refused, and leaves one alone that takes no topology', async () => {
    let found = 0;
    const refusing = (app: ReturnType<typeof recordingApp>) => async () => {
      found += 1;
      return { ...app, topology: () => Promise.reject(new Error('401')) };
    };
    await watch([[first]], () => vi.advanceTimersByTimeAsync(6100).then(() => {}), refusing);
    expect(found).toBe(4);
    let asked = 0;
    const before = (app: ReturnType<typeof recordingApp>) => async () => ({
      ...app,
      topology: async () => {
        asked += 1;
        return false;
      },
    });
    await watch([[first]], () => vi.advanceTimersByTimeAsync(6100).then(() => {}), before);
    expect(asked).toBe(1);
  });
});
