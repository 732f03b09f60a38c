import { Readable } from 'node:stream';
import type { ControlState, PeriodReport, Report, WitnessState } from '../../../app/src/contract.ts';
import type { Topology } from '../../../components/database/topology.ts';
import type { Target } from '../phase/settings.ts';
import type { App } from './app.ts';
import type { ClusterNow } from './types.ts';

/** A phase as tests take it: the last one, without Prometheus. */
export const target = (over: Partial<Target> = {}): Target => ({
  stack: 'phase2',
  context: '',
  namespaces: { database: 'crdb', app: 'sample-app', observability: 'observability' },
  nodes: 3,
  replicationFactor: 3,
  readerUserEnabled: true,
  storageSize: '10Gi',
  loadEnabled: true,
  observability: [],
  backupDestination: 'nodelocal://1/backups',
  backupEncrypted: false,
  ...over,
});

export const PHASES = [
  target({ stack: 'phase0', nodes: 1, replicationFactor: 1, readerUserEnabled: false }),
  target({ stack: 'phase1', nodes: 2, replicationFactor: 2 }),
  target(),
];

export const witness = (over: Partial<WitnessState> = {}): WitnessState => ({
  writes: { sent: 100, failed: 0, currentGapMs: 100, longestGapMs: 400 },
  reads: { sent: 100, failed: 0, currentGapMs: 100, longestGapMs: 300 },
  confirmed: 100,
  unconfirmed: 0,
  lost: 0,
  duplicated: 0,
  stale: 0,
  ...over,
});

export const period = (phase: string | null, over: Partial<PeriodReport['witness']> = {}): PeriodReport => ({
  phase,
  startedAt: 0,
  endedAt: null,
  requests: {
    login: { requests: 10, errors: 1, latency: { p50: 1, p95: 2, p99: 3 } },
    search: { requests: 20, errors: 2, latency: { p50: 1, p95: 2, p99: 3 } },
  },
  spikes: [],
  witness: {
    writes: { sent: 50, failed: 3, longestGapMs: 1234 },
    reads: { sent: 50, failed: 4, longestGapMs: 567 },
    confirmed: 50,
    lost: 0,
    duplicated: 0,
    stale: 0,
    ...over,
  },
});

/** Ranges of which each has its copies. */
export const copies = (replicas: number, voters: number) => ({
  replicas,
  voters,
  ranges: 40,
  off: 0,
  underReplicated: 0,
  overReplicated: 0,
  unavailable: 0,
  stuck: 0,
  otherZones: [],
  fewestVoters: voters,
});

/** A cluster of three nodes where all is well. */
export const healthy = (over: Partial<ClusterNow> = {}): ClusterNow => ({
  at: '2026-06-12T10:11:12.000Z',
  nodes: {
    wanted: 3,
    pods: ['crdb-0', 'crdb-1', 'crdb-2'].map((name) => ({ name, ready: true, sees: 3, restarts: 0 })),
  },
  operator: { failures: [], lacking: [] },
  disks: {
    asked: '10Gi',
    disks: [0, 1, 2].map((i) => ({ name: `datadir-crdb-${i}`, size: '10Gi', state: null })),
  },
  replication: copies(3, 3),
  users: ['app_reader', 'app_writer', 'root'],
  services: { 'crdb-writer': 3, 'crdb-reader': 3 },
  load: { name: 'crdb-loadgen', wanted: 1, ready: 1, restarts: 0 },
  app: {
    pod: 'sample-app-1',
    readiness: {
      ok: true,
      checks: {
        writer: { ok: true, detail: 'answers as app_writer' },
        reader: { ok: true, detail: 'answers as app_reader' },
        readOnlyUser: { ok: true, detail: 'app_reader cannot write (42501)' },
      },
    },
    witness: witness(),
    period: period('phase2'),
  },
  observability: {},
  backups: { destination: 'nodelocal://1/backups', count: 2, latest: '/2026/06/12-101112.00' },
  ...over,
});

const NO_PAST = { columns: ['at'], rows: [], marks: [] };

/** An app that records what it is told, and reports a period for each phase that was marked. Its own load runs if `busy`. */
export function recordingApp(
  over: Partial<PeriodReport['witness']> = {},
  busy = false,
): App & { readonly marks: string[]; readonly shown: Topology[] } {
  const marks: string[] = [];
  const shown: Topology[] = [];
  const load = { readers: busy, writers: busy, readerRps: 20, writerRps: 5 };
  const control = { phase: null, load, spike: {} } as unknown as ControlState;
  return {
    pod: 'sample-app-1',
    marks,
    shown,
    topology: async (seen) => {
      shown.push(seen);
      return true;
    },
    recording: async () => Readable.from([`${JSON.stringify({ at: 1, call: 'history', arg: NO_PAST })}\n`]),
    readiness: async () => ({ ok: true, checks: {} }),
    mark: async (kind, label) => {
      marks.push(`${kind} ${label}`);
      return control;
    },
    step: async (label, state) => {
      marks.push(`${state} step ${label}`);
      return control;
    },
    load: async (on) => {
      marks.push(on ? 'start-load' : 'stop-load');
      return control;
    },
    history: async () => ({ columns: [], rows: [], marks: [] }),
    report: async (): Promise<Report> => ({
      at: 0,
      periods: [
        period('phase2'),
        ...marks
          .filter((mark) => mark.startsWith('phase '))
          .map((mark) => period(mark.replace(/^phase /, ''), over)),
      ],
      witness: witness(),
    }),
  };
}
