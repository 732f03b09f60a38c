import type { Snapshot, Topology, TopologyNode } from '../contract.ts';

/** For tests: a second in which all is well, and topologies to put into it. */

const latency = { p50: 1, p95: 2, p99: 4 };
const stream = { sent: 100, failed: 0, currentGapMs: 200, longestGapMs: 400 };

export function snapshotOf(changes: Partial<Snapshot> = {}): Snapshot {
  const at = changes.at ?? 1_700_000_000_000;
  return {
    at,
    phase: null,
    routes: {
      login: { rps: 5, errors: 0, ...latency },
      search: { rps: 20, errors: 0, ...latency },
    },
    connections: {
      writer: { qps: 9, errors: 0, retries: 0, ...latency },
      reader: { qps: 24, errors: 0, retries: 0, ...latency },
    },
    load: { readers: true, writers: true, readerRps: 20, writerRps: 5 },
    spike: { running: false, targetRps: 0, achievedRps: 0, activeWorkers: 0, secondsLeft: 0, last: null },
    witness: {
      writes: stream,
      reads: stream,
      confirmed: 99,
      unconfirmed: 1,
      lost: 0,
      duplicated: 0,
      stale: 0,
    },
    gap: { since: at - 60_000, writesMs: 400, readsMs: 350 },
    totals: { since: at - 600_000, requests: 15_000, failed: 0, phases: [] },
    paths: { writer: { user: 'app_writer', silentMs: 0 }, reader: { user: 'app_writer', silentMs: 0 } },
    topology: null,
    topologyProblem: null,
    ...changes,
  };
}

/** `copies`: of each node, its voting and its other copies and its leases, or its state. */
export function topologyOf(
  nodes: readonly (Partial<TopologyNode> & { readonly copies?: readonly [number, number, number] })[],
  changes: Partial<Topology> = {},
): Topology {
  return {
    at: 1_700_000_000_000,
    source: 'evolve',
    simulated: false,
    nodes: nodes.map(({ copies: [voters, nonVoters, leases] = [0, 0, 0], ...node }, i) => ({
      name: `crdb-${i}`,
      state: 'live',
      voters,
      nonVoters,
      leases,
      ...node,
    })),
    ranges: { total: 60, underReplicated: 0, unavailable: 0 },
    writer: { user: 'app_writer', node: null },
    reader: { user: 'app_writer', node: null },
    ...changes,
  };
}
