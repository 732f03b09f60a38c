import { describe, expect, it } from 'vitest';
import { snapshotOf } from '../src/live/testing.ts';
import { formatClock } from './common/format.ts';
import { readingsOf } from './readings.ts';

const quiet = { p50: null, p95: null, p99: null };
const snapshot = snapshotOf({
  routes: {
    login: { rps: 5, errors: 0, p50: 4, p95: 9, p99: 12.34 },
    search: { rps: 20, errors: 0, p50: 1, p95: 2, p99: 3 },
  },
});
const { witness } = snapshot;
const stream = witness.writes;

describe('readingsOf', () => {
  it('sums the routes, and shows the latency of the slower one', () => {
    const { answered, p99 } = readingsOf(snapshot);
    expect(answered).toMatchObject({ value: '25', detail: 'login 5 · search 20' });
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
      detail: '99 of 100 found again',
    });
    const lost = readingsOf({ ...snapshot, witness: { ...witness, lost: 1 } }).lost;
    expect(lost).toMatchObject({ value: '1', level: 'alarm', detail: 'acknowledged, but gone' });
  });

  it('is alarmed by a write that is there twice', () => {
    const { lost } = readingsOf({ ...snapshot, witness: { ...witness, duplicated: 2 } });
    expect(lost).toMatchObject({ level: 'alarm', detail: '2 written twice' });
  });

  it('counts what succeeded, and what failed beside it', () => {
    const login = { ...snapshot.routes.login, errors: 3 };
    const { answered, failed } = readingsOf({ ...snapshot, routes: { ...snapshot.routes, login } });
    expect(answered).toMatchObject({ value: '22', detail: 'login 2 · search 20' });
    expect(failed).toMatchObject({ value: '3', level: 'watch', detail: 'login 3 · search 0' });
  });

  it('has answered nothing when all failed, however many came', () => {
    const { login, search } = snapshot.routes;
    const routes = { login: { ...login, errors: 5 }, search: { ...search, errors: 20 } };
    expect(readingsOf({ ...snapshot, routes })).toMatchObject({
      answered: { value: '0' },
      failed: { value: '25' },
    });
  });

  it('shows the longest gap and since when, and draws the eye to one in progress', () => {
    expect(readingsOf(snapshot).gap).toMatchObject({
      value: '400',
      unit: 'ms',
      level: 'calm',
      detail: `since ${formatClock(snapshot.gap.since)}`,
    });
    const writes = { ...stream, currentGapMs: 4200 };
    const gap = { ...snapshot.gap, writesMs: 4200 };
    expect(readingsOf({ ...snapshot, gap, witness: { ...witness, writes } }).gap).toMatchObject({
      value: '4.2',
      unit: 's',
      level: 'watch',
      detail: 'no write for 4.2 s',
    });
  });
});
