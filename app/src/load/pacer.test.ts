import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pacer } from './pacer.ts';

describe('Pacer', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('fires as often as the rate and the duration say, then ends', () => {
    const fire = vi.fn();
    const done = vi.fn();
    new Pacer({ rps: 50, seconds: 3, fire, done });
    vi.advanceTimersByTime(2999);
    expect(fire).toHaveBeenCalledTimes(150);
    expect(done).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2);
    expect(fire).toHaveBeenCalledTimes(150);
    expect(done).toHaveBeenCalledTimes(1);
  });

  it('tells each request the time that was planned for it, evenly spaced', () => {
    const planned: number[] = [];
    new Pacer({ rps: 10, seconds: 1, fire: (at) => planned.push(at) });
    vi.advanceTimersByTime(1100);
    const gaps = planned.slice(1).map((at, i) => at - (planned[i] as number));
    expect(gaps).toHaveLength(9);
    for (const gap of gaps) expect(gap).toBeCloseTo(100);
  });

  it('catches up, with the planned times, after the process was busy', () => {
    const planned: number[] = [];
    const start = performance.now();
    new Pacer({ rps: 100, seconds: 1, fire: (at) => planned.push(at) });
    vi.advanceTimersByTime(100);
    const before = planned.length;
    // The clock goes on while no timer runs.
    vi.setSystemTime(Date.now() + 500);
    vi.spyOn(performance, 'now').mockReturnValue(start + 600);
    vi.advanceTimersByTime(20);
    expect(planned.length - before).toBeGreaterThanOrEqual(49);
    expect(planned[before]).toBeLessThan(start + 120);
    vi.mocked(performance.now).mockRestore();
  });

  it('sends nothing after it was stopped, and says once that it is done', () => {
    const fire = vi.fn();
    const done = vi.fn();
    const pacer = new Pacer({ rps: 100, seconds: 10, fire, done });
    vi.advanceTimersByTime(100);
    const sent = fire.mock.calls.length;
    pacer.stop();
    pacer.stop();
    vi.advanceTimersByTime(1000);
    expect(fire).toHaveBeenCalledTimes(sent);
    expect(done).toHaveBeenCalledTimes(1);
  });
});
