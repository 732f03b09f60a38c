import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { WitnessState } from '../contract.ts';
import { BucketHistogram } from './bucket-histogram.ts';

/** Seconds. From a key look-up on the same machine to the app's own deadline. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What the app was told of the evolution. Times are epoch milliseconds. */
export interface EvolutionState {
  /** The phase that was marked last. */
  readonly phase: { readonly label: string; readonly startedAt: number } | null;
  /** The planned step that is in progress. */
  readonly step: { readonly label: string; readonly startedAt: number } | null;
}

/** Every series of `GET /metrics`. Gauges that show the state of something are read when they are scraped. */
export function createMetrics(state: {
  readonly spike: () => { activeWorkers: number; targetRps: number; achievedRps: number };
  readonly witness: () => WitnessState;
  readonly pools: () => Readonly<
    Record<'writer' | 'reader', { open: number; idle: number; waiting: number }>
  >;
  readonly evolution: () => EvolutionState;
}) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });

  gauge(
    'spike_active_workers',
    'Requests of the spike that are in progress.',
    () => state.spike().activeWorkers,
  );
  gauge(
    'spike_target_rps',
    'Requests a second that the spike aims at; 0 when none runs.',
    () => state.spike().targetRps,
  );
  gauge('spike_achieved_rps', 'Answers to the spike in the last second.', () => state.spike().achievedRps);
  for (const [name, help, read] of WITNESS_GAUGES) gauge(name, help, () => read(state.witness()));
  gauge(
    'evolution_step_started_timestamp_seconds',
    'When the planned step that is in progress began; 0 when none is.',
    () => (state.evolution().step?.startedAt ?? 0) / 1000,
  );
  new Gauge({
    name: 'evolution_phase_started_timestamp_seconds',
    help: 'When the phase that was marked last began.',
    labelNames: ['phase'],
    registers,
    collect() {
      this.reset();
      const { phase } = state.evolution();
      if (phase !== null) this.set({ phase: phase.label }, phase.startedAt / 1000);
    },
  });
  new Gauge({
    name: 'db_pool_connections',
    help: 'Connections of the pool, by connection and state.',
    labelNames: ['connection', 'state'],
    registers,
    collect() {
      for (const [connection, counts] of Object.entries(state.pools())) {
        for (const [name, count] of Object.entries(counts)) this.set({ connection, state: name }, count);
      }
    },
  });

  return {
    registry,
    httpRequests: new Counter({
      name: 'http_requests_total',
      help: 'HTTP requests, by method, route and status.',
      labelNames: ['method', 'route', 'status'],
      registers,
    }),
    httpDuration: new BucketHistogram({
      name: 'http_request_duration_seconds',
      help: 'Time to answer, by route.',
      label: 'route',
      bounds: BUCKETS,
      registry,
    }),
    dbDuration: new BucketHistogram({
      name: 'db_query_duration_seconds',
      help: 'Time of a statement that succeeded, waiting for a connection included.',
      label: 'connection',
      bounds: BUCKETS,
      registry,
    }),
    dbErrors: new Counter({
      name: 'db_errors_total',
      help: 'Statements that failed, those that were then repeated included, by SQLSTATE or error code.',
      labelNames: ['connection', 'code'],
      registers,
    }),
    dbRetries: new Counter({
      name: 'db_retries_total',
      help: 'Statements that were repeated, by the code of the failure before.',
      labelNames: ['connection', 'code'],
      registers,
    }),
    spikeRequests: new Counter({
      name: 'spike_requests_total',
      help: 'Requests of spikes, by result: ok, failed.',
      labelNames: ['result'],
      registers,
    }),
    witnessOperations: new Counter({
      name: 'witness_operations_total',
      help: 'Operations of the witness, by kind (write, read) and result (ok, failed).',
      labelNames: ['kind', 'result'],
      registers,
    }),
  };
}

const WITNESS_GAUGES: readonly (readonly [
  name: string,
  help: string,
  read: (witness: WitnessState) => number,
])[] = [
  [
    'witness_write_gap_seconds',
    'Time since the last acknowledged write of the witness.',
    (w) => w.writes.currentGapMs / 1000,
  ],
  [
    'witness_read_gap_seconds',
    'Time since the last answered read of the witness.',
    (w) => w.reads.currentGapMs / 1000,
  ],
  [
    'witness_longest_write_gap_seconds',
    'The longest time between two acknowledged writes since the start.',
    (w) => w.writes.longestGapMs / 1000,
  ],
  [
    'witness_longest_read_gap_seconds',
    'The longest time between two answered reads since the start.',
    (w) => w.reads.longestGapMs / 1000,
  ],
  ['witness_lost_writes', 'Acknowledged writes that the database no longer has. Must be 0.', (w) => w.lost],
  [
    'witness_duplicated_writes',
    'Acknowledged writes that the database has more than once. Must be 0.',
    (w) => w.duplicated,
  ],
  ['witness_stale_reads', 'Reads that were older than the allowance.', (w) => w.stale],
  ['witness_unconfirmed_writes', 'Acknowledged writes that were not found again yet.', (w) => w.unconfirmed],
];

export type Metrics = ReturnType<typeof createMetrics>;
