import type { Snapshot } from '../../app/src/contract.ts';
import { snapshotOf, topologyOf } from '../../app/src/live/testing.ts';

export interface StageState {
  readonly name: string;
  /** What the page must say in its one sentence. */
  readonly sentence: RegExp;
  readonly changes: (at: number) => Partial<Snapshot>;
}

const moved = { user: 'app_reader', node: null };
const quiet = snapshotOf();
const latency = { p50: null, p95: null, p99: null };
const failing = {
  login: { rps: 5, errors: 5, ...latency },
  search: { rps: 20, errors: 20, ...latency },
};
const reads = { user: 'app_reader', silentMs: 0 };
const paths = { writer: { user: 'app_writer', silentMs: 0 }, reader: reads };

/** What the audience sees in the course of the talk, and what it should not see. */
export const STAGE_STATES: readonly StageState[] = [
  {
    name: 'one-node',
    sentence: /^One node, one copy: if it dies, everything stops\.$/,
    changes: (at) => ({ topology: topologyOf([{ copies: [60, 0, 60] }], { at: at - 1000 }) }),
  },
  {
    name: 'away',
    sentence: /^The database does not answer, 11 s\. Nothing acknowledged is lost\.$/,
    changes: (at) => ({
      routes: failing,
      paths: {
        writer: { user: 'app_writer', silentMs: 11_000 },
        reader: { user: 'app_writer', silentMs: 11_200 },
      },
      witness: {
        ...quiet.witness,
        writes: { ...quiet.witness.writes, currentGapMs: 11_000 },
        reads: { ...quiet.witness.reads, currentGapMs: 11_200 },
      },
      gap: { since: at - 60_000, writesMs: 11_000, readsMs: 11_200 },
      topology: topologyOf([{ state: 'dead', copies: [60, 0, 60] }], { at: at - 1000 }),
    }),
  },
  {
    name: 'second-joins',
    sentence: /^A second node joins, and requests continue\.$/,
    changes: (at) => ({
      topology: topologyOf([{ copies: [60, 0, 60] }, { state: 'joining' }], { at: at - 1000 }),
    }),
  },
  {
    name: 'two-nodes',
    sentence: /^Two nodes: a copy that can answer reads, not failover\.$/,
    changes: (at) => ({
      phase: 'phase1',
      paths,
      topology: topologyOf([{ copies: [60, 0, 60] }, { copies: [0, 60, 0] }], {
        at: at - 1000,
        reader: moved,
      }),
    }),
  },
  {
    name: 'copies-arrive',
    sentence: /^Three nodes: 31 of 60 ranges still get a copy, and requests continue\.$/,
    changes: (at) => ({
      phase: 'phase2',
      paths,
      topology: topologyOf([{ copies: [60, 0, 50] }, { copies: [30, 30, 10] }, { copies: [29, 0, 0] }], {
        at: at - 1000,
        reader: moved,
        ranges: { total: 60, underReplicated: 31, unavailable: 0 },
      }),
    }),
  },
  {
    name: 'three-nodes',
    sentence: /^Three nodes, three copies: any one may die\.$/,
    changes: (at) => ({
      phase: 'phase2',
      paths,
      topology: topologyOf([{ copies: [60, 0, 20] }, { copies: [60, 0, 21] }, { copies: [60, 0, 19] }], {
        at: at - 1000,
        reader: moved,
      }),
    }),
  },
  {
    name: 'one-of-three-dead',
    sentence: /^One of three nodes is down, and no request fails\.$/,
    changes: (at) => ({
      phase: 'phase2',
      paths,
      topology: topologyOf(
        [{ copies: [60, 0, 31] }, { copies: [60, 0, 29] }, { state: 'dead', copies: [60, 0, 0] }],
        { at: at - 1000, reader: moved, ranges: { total: 60, underReplicated: 60, unavailable: 0 } },
      ),
    }),
  },
  {
    name: 'through-prometheus',
    sentence: /^Three nodes, three copies: Prometheus does not know which of them vote\.$/,
    changes: (at) => ({
      phase: 'phase2',
      paths,
      topology: topologyOf(
        [20, 21, 19].map((leases) => ({ otherCopies: 60, copies: [0, 0, leases] as const })),
        { at: at - 9000, source: 'prometheus', reader: moved },
      ),
    }),
  },
  {
    name: 'no-data',
    sentence: /^The database answers; how many nodes it has is not known here\.$/,
    changes: () => ({ topologyProblem: 'APP_PROMETHEUS_URL is not set, so the app knows no Prometheus.' }),
  },
  {
    name: 'stale',
    sentence: /^The database answers; its nodes were last seen 42 s ago\.$/,
    changes: (at) => ({
      topology: topologyOf([{ copies: [60, 0, 60] }, { copies: [0, 60, 0] }], { at: at - 42_000 }),
    }),
  },
  {
    name: 'simulated',
    sentence: /^Simulated: three nodes, three copies: any one may die\.$/,
    changes: (at) => ({
      phase: 'phase2',
      paths,
      topology: topologyOf([{ copies: [12, 0, 4] }, { copies: [12, 0, 4] }, { copies: [12, 0, 4] }], {
        at: at - 1000,
        source: 'rehearsal',
        simulated: true,
        ranges: null,
      }),
    }),
  },
  {
    name: 'named-nodes',
    sentence: /^Two nodes: a copy that can answer reads, not failover\.$/,
    changes: (at) => ({
      phase: 'phase1',
      paths,
      topology: topologyOf([{ copies: [60, 0, 60] }, { copies: [0, 60, 0] }], {
        at: at - 1000,
        writer: { user: 'app_writer', node: 'crdb-0' },
        reader: { user: 'app_reader', node: 'crdb-1' },
      }),
    }),
  },
  {
    name: 'lost',
    sentence: /^3 acknowledged writes are lost\.$/,
    changes: () => ({ witness: { ...quiet.witness, lost: 3 } }),
  },
];
