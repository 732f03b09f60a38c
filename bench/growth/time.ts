import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SnapshotHistory } from '../../app/src/live/history.ts';
import { snapshotOf, topologyOf } from '../../app/src/live/testing.ts';
import { Timeline } from '../../app/src/live/timeline.ts';
import { Witness } from '../../app/src/witness/witness.ts';
import { median, milliseconds } from '../figures.ts';
import type { Growth } from './exponent.ts';

/** An hour, six, a day: in seconds. */
const DURATIONS = [3600, 21_600, 86_400];
/** What is compiled and kept the first time is not of the history. */
const WARM_UP = 900;
/** A mark every so many seconds: of an evolution with its steps, gaps and notes, many. */
const MARK_EVERY = 10;
const WITNESS_RPS = 4;
const AUDIT_EVERY = 10;

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
/** Bytes of the heap, without garbage. */
function heap(): number {
  for (let i = 0; i < 3; i += 1) gc();
  return process.memoryUsage().heapUsed;
}

/** What a day leaves behind that an hour does not: simulated, second by second. */
export async function growthOverTime(): Promise<Growth[]> {
  historyAfter(WARM_UP);
  const pages = DURATIONS.map(historyAfter);
  await witnessAfter(WARM_UP);
  const witnesses = [];
  for (const seconds of DURATIONS) witnesses.push(await witnessAfter(seconds));
  const row = (cost: string, unit: string, costs: readonly number[]): Growth => ({
    of: 'seconds of history',
    sizes: DURATIONS,
    cost,
    unit,
    costs,
  });
  return [
    row(
      'what a page that opens gets',
      'KiB',
      pages.map((p) => p.kib),
    ),
    row(
      'time to write that as JSON',
      'ms',
      pages.map((p) => p.ms),
    ),
    row(
      'memory of history and marks',
      'KiB',
      pages.map((p) => p.heapKiB),
    ),
    row(
      'writes that the witness keeps and asks for',
      'writes',
      witnesses.map((w) => w.kept),
    ),
    row(
      'memory of the witness',
      'KiB',
      witnesses.map((w) => w.heapKiB),
    ),
    row(
      'CPU of one of the witness’s seconds',
      'us',
      witnesses.map((w) => w.secondMicros),
    ),
  ];
}

function historyAfter(seconds: number): { kib: number; ms: number; heapKiB: number } {
  const before = heap();
  const history = new SnapshotHistory();
  const timeline = new Timeline(() => {});
  const start = Date.now() - seconds * 1000;
  for (let second = 0; second < seconds; second += 1) {
    const at = start + second * 1000;
    history.add(aSecond(at, second));
    if (second % MARK_EVERY === 0) timeline.mark('note', `note ${second}`, at);
  }
  const heapKiB = (heap() - before) / 1024;
  const page = {
    columns: history.columns,
    rows: history.rows,
    marks: timeline.marks,
    latest: history.latest,
  };
  const times: number[] = [];
  let text = '';
  for (let i = 0; i < 9; i += 1) {
    const begin = performance.now();
    text = JSON.stringify(page);
    times.push(performance.now() - begin);
  }
  return { kib: Buffer.byteLength(text) / 1024, ms: median(times), heapKiB };
}

/** Figures that move, as real ones do: numbers with a decimal take more room than whole ones. */
function aSecond(at: number, second: number) {
  const wave = (size: number) => size * (1.5 + Math.sin(second / 7));
  const latency = { p50: wave(2), p95: wave(5), p99: wave(9) };
  const route = { rps: wave(150), errors: 0, ...latency };
  const connection = { qps: wave(150), errors: 0, retries: 0, ...latency };
  return snapshotOf({
    at,
    routes: { login: route, search: route },
    connections: { writer: connection, reader: connection },
    topology: topologyOf([{ copies: [60, 0, 20] }, { copies: [60, 0, 20] }, { copies: [60, 0, 20] }], { at }),
  });
}

async function witnessAfter(seconds: number) {
  const before = heap();
  let now = 0;
  let kept = 0;
  // A database that has everything that was written to it, above what was removed.
  let least = 0;
  let last = 0;
  const has = (seqs: readonly number[]) => seqs.filter((seq) => seq >= least && seq <= last);
  const witness = new Witness({
    rps: WITNESS_RPS,
    allowanceMs: 15_000,
    now: () => now,
    database: {
      write: async (seq) => {
        last = seq;
      },
      readFromReader: async (seqs) => has(seqs),
      readFromWriter: async (seqs) => {
        kept = seqs.length;
        return has(seqs);
      },
      removeBelow: async (seq) => {
        least = seq;
      },
    },
  });
  const second = async () => {
    for (let i = 0; i < WITNESS_RPS; i += 1) {
      now += 1000 / WITNESS_RPS;
      await witness.write();
      await witness.read();
    }
    void witness.state;
  };
  for (let passed = 1; passed <= seconds; passed += 1) {
    await second();
    if (passed % AUDIT_EVERY === 0) await witness.audit();
  }
  const { lost, duplicated } = witness.state;
  if (lost + duplicated > 0) throw new Error(`the witness reports ${lost} lost, ${duplicated} twice`);
  const heapKiB = (heap() - before) / 1024;
  const times: number[] = [];
  for (let i = 0; i < 99; i += 1) times.push((await milliseconds(second)) * 1000);
  return { kept, heapKiB, secondMicros: median(times) };
}
