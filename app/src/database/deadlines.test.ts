import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadlines } from './deadlines.ts';

const after = (ms: number, late: () => void) => ({ at: performance.now() + ms, late });

describe('deadlines', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are called when they pass, in whatever order they came, and once', () => {
    const deadlines = new Deadlines();
    const late: string[] = [];
    const in_ = (ms: number, name: string) => deadlines.add(after(ms, () => late.push(name)));
    in_(300, 'last');
    in_(100, 'first');
    in_(200, 'second');
    vi.advanceTimersByTime(99);
    expect(late).toEqual([]);
    vi.advanceTimersByTime(2);
    expect(late).toEqual(['first']);
    in_(50, 'between');
    vi.advanceTimersByTime(1000);
    expect(late).toEqual(['first', 'between', 'second', 'last']);
  });

  it('that were met are not called, nor do they hold back others', () => {
    const deadlines = new Deadlines();
    const late: string[] = [];
    const met = after(100, () => late.push('met'));
    deadlines.add(met);
    deadlines.add(after(200, () => late.push('missed')));
    deadlines.delete(met);
    vi.advanceTimersByTime(201);
    expect(late).toEqual(['missed']);
  });

  it('need one timer, however many are met', () => {
    const deadlines = new Deadlines();
    for (let i = 0; i < 1000; i += 1) {
      const met = after(1000 + i, () => {});
      deadlines.add(met);
      deadlines.delete(met);
    }
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(5000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that are added by one that passes are kept', () => {
    const deadlines = new Deadlines();
    const late: string[] = [];
    const first = after(10, () => {
      late.push('first');
      deadlines.add(after(10, () => late.push('next')));
    });
    deadlines.add(first);
    vi.advanceTimersByTime(30);
    expect(late).toEqual(['first', 'next']);
  });
});
