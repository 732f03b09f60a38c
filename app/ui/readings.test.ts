import { describe, expect, it } from 'vitest';
import type { Snapshot, WitnessState } from '../src/live/types.ts';
import { readingsOf } from './readings.ts';

const quiet = { p50: null, p95: null, p99: null };
const stream = { sent: 100, failed: 0, currentGapMs: 200, longestGapMs: 400 };
const witness: WitnessState = {
  writes: stream,
  reads: stream,
  confirmed: 99,
  unconfirmed: 1,
  lost: 0,
  duplicated: 0,
  stale: 0,
};
const snapshot: Snapshot = {
  at: 1000,
  phase: null,
  routes: {
    login: { rps: 5, errors: 0, p50: 4, p95: 9, p99: 12.34 },
    search: { rps: 20, errors: 0, p50: 1, p95: 2, p99: 3 },
  },
  connections: {
    writer: { ...quiet, qps: 0, errors: 0, retries: 0 },
    reader: { ...quiet, qps: 0, errors: 0, retries: 0 },
  },
  load: { readers: true, writers: true, readerRps: 20, writerRps: 5 },
  spike: { running: false, targetRps: 0, achievedRps: 0, activeWorkers: 0, secondsLeft: 0, last: null },
  witness,
  cluster: null,
};

describe('readingsOf', () => {
  it('sums the routes, and shows the latency of the slower one', () => {
    const { rps, p99 } = readingsOf(snapshot);
    expect(rps).toMatchObject({ value: '25', detail: 'login 5 · search 20' });
    expect(p99).toMatchObject({ value: '12', unit: 'ms' });
  });

  it('shows the one latency that there is, and a dash when there is none', () => {
    const { login, search } = snapshot.routes;
    const one = { ...snapshot, routes: { login: { ...login, ...quiet }, search } };
    const none = { ...snapshot, routes: { login: { ...login, ...quiet }, search: { ...search, ...quiet } } };
    expect(readingsOf(one).p99?.value).toBe('3');
    expect(readingsOf(none).p99).toMatchObject({ value: '–', unit: '' });
  });

  it('is calm about 0 lost writes and alarmed by one', () => {
    expect(readingsOf(snapshot).lost).toMatchObject({
      value: '0',
      level: 'calm',
      detail: '99 found · 1 to check',
    });
    const lost = readingsOf({ ...snapshot, witness: { ...witness, lost: 1 } }).lost;
    expect(lost).toMatchObject({ value: '1', level: 'alarm', detail: 'acknowledged, but gone' });
  });

  it('is alarmed by a write that is there twice', () => {
    const { lost } = readingsOf({ ...snapshot, witness: { ...witness, duplicated: 2 } });
    expect(lost).toMatchObject({ level: 'alarm', detail: '2 written twice' });
  });

  it('tells of errors', () => {
    const login = { ...snapshot.routes.login, errors: 3 };
    const { errors } = readingsOf({ ...snapshot, routes: { ...snapshot.routes, login } });
    expect(errors).toMatchObject({ value: '3', level: 'watch', detail: 'login 3 · search 0' });
  });

  it('shows the longest gap, and draws the eye to one under way', () => {
    expect(readingsOf(snapshot).gap).toMatchObject({ value: '400', unit: 'ms', level: 'calm' });
    const writes = { ...stream, currentGapMs: 4200, longestGapMs: 4200 };
    const { gap } = readingsOf({ ...snapshot, witness: { ...witness, writes } });
    expect(gap).toMatchObject({ value: '4.2', unit: 's', level: 'watch', detail: 'no write for 4.2 s' });
  });

  it('has no cluster figures without a cluster', () => {
    expect(readingsOf(snapshot)).not.toHaveProperty('nodes');
    expect(readingsOf(snapshot)).not.toHaveProperty('underReplicated');
  });

  it('says why a cluster figure is missing', () => {
    const cluster = { liveNodes: null, underReplicatedRanges: null, problem: 'Prometheus does not answer' };
    const { nodes } = readingsOf({ ...snapshot, cluster });
    expect(nodes).toMatchObject({ value: '–', detail: 'Prometheus does not answer', level: 'watch' });
  });

  it('marks ranges that still want copies', () => {
    const at = (underReplicatedRanges: number) =>
      readingsOf({ ...snapshot, cluster: { liveNodes: 3, underReplicatedRanges, problem: null } })
        .underReplicated;
    expect(at(41)).toMatchObject({ value: '41', level: 'watch' });
    expect(at(0)).toMatchObject({ value: '0', level: 'calm' });
  });
});
