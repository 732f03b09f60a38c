import { describe, expect, it } from 'vitest';
import type { Mark } from '../src/contract.ts';
import { endOf, MARK_CAPACITY, MarkStore, marksBetween, periodsBetween } from './marks.ts';

const mark = (id: number, at: number, more: Partial<Mark> = {}): Mark => ({
  id,
  at,
  kind: 'command',
  label: `mark ${id}`,
  ...more,
});

describe('MarkStore', () => {
  it('lets a mark that ends take the place of the one in progress', () => {
    const store = new MarkStore();
    store.upsert(mark(1, 1000, { until: null }));
    store.upsert(mark(2, 2000));
    store.upsert(mark(1, 1000, { until: 3000 }));
    expect(store.marks.map(({ id }) => id)).toEqual([1, 2]);
    expect(store.marks[0]?.until).toBe(3000);
  });

  it('keeps marks in order of time and stays bounded', () => {
    const store = new MarkStore();
    for (let id = 0; id < MARK_CAPACITY + 20; id++) store.upsert(mark(id, 100_000 - id));
    expect(store.marks).toHaveLength(MARK_CAPACITY);
    expect(store.marks.every((m, i) => i === 0 || (store.marks[i - 1]?.at ?? 0) <= m.at)).toBe(true);
  });

  it('tells its readers of every change', () => {
    const store = new MarkStore();
    const versions = [store.version];
    store.upsert(mark(1, 1000));
    versions.push(store.version);
    store.merge([mark(2, 2000)], 2000);
    versions.push(store.version);
    expect(new Set(versions).size).toBe(3);
  });

  it('keeps the marks from before a restart, whose ids come again, and ends what was in progress with the last data', () => {
    const store = new MarkStore();
    store.upsert(mark(1, 1000, { label: 'before' }));
    store.upsert(mark(2, 2000, { until: null }));
    store.merge([mark(1, 9000, { label: 'after' })], 5000);
    expect(store.marks.map(({ label }) => label)).toEqual(['before', 'mark 2', 'after']);
    expect(store.marks[1]?.until).toBe(5000);
  });

  it('takes the history of the same server without doubling anything', () => {
    const store = new MarkStore();
    store.upsert(mark(1, 1000, { until: null }));
    store.merge([mark(1, 1000, { until: 1500 }), mark(2, 2000)], 1800);
    expect(store.marks.map(({ id, until }) => [id, until])).toEqual([
      [1, 1500],
      [2, undefined],
    ]);
  });
});

describe('the time of a mark', () => {
  it('is a moment, a stretch, or as long as is known', () => {
    expect(endOf(mark(1, 1000), 9000)).toBe(1000);
    expect(endOf(mark(1, 1000, { until: 4000 }), 9000)).toBe(4000);
    expect(endOf(mark(1, 1000, { until: null }), 9000)).toBe(9000);
  });

  it('decides whether the mark is in a window', () => {
    const marks = [
      mark(1, 1000),
      mark(2, 1000, { until: 6000 }),
      mark(3, 1000, { until: null }),
      mark(4, 7000),
      mark(5, 99_000),
    ];
    expect(marksBetween(marks, 5000, 10_000).map(({ id }) => id)).toEqual([2, 3, 4]);
  });
});

describe('periodsBetween', () => {
  const phases = [
    mark(1, 1000, { kind: 'phase', label: 'phase0' }),
    mark(2, 5000, { kind: 'phase', label: 'phase1' }),
  ];

  it('reaches from each phase mark to the next, and from the last to now', () => {
    expect(periodsBetween([...phases, mark(3, 6000)], 0, 9000)).toEqual([
      { label: 'phase0', from: 1000, to: 5000 },
      { label: 'phase1', from: 5000, to: 9000 },
    ]);
  });

  it('still names the phase that began before the window', () => {
    expect(periodsBetween(phases, 6000, 9000)).toEqual([{ label: 'phase1', from: 6000, to: 9000 }]);
  });
});
