import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from './histogram.ts';
import { Window } from './window.ts';

describe('Window', () => {
  it('gives counts and nearest-rank percentiles of what came since the last take', () => {
    const window = new Window();
    for (let ms = 100; ms >= 1; ms -= 1) window.add(ms);
    window.error();
    window.retry();
    expect(window.take()).toEqual({
      count: 100,
      errors: 1,
      retries: 1,
      latency: { p50: 50, p95: 95, p99: 99 },
    });
    expect(window.take()).toEqual({
      count: 0,
      errors: 0,
      retries: 0,
      latency: { p50: null, p95: null, p99: null },
    });
  });

  it('counts everything, also what it does not keep the latency of', () => {
    const window = new Window();
    for (let i = 0; i < 30_000; i += 1) window.add(1);
    expect(window.take().count).toBe(30_000);
  });
});

describe('LatencyHistogram', () => {
  it('is true to two digits from microseconds to minutes', () => {
    for (const ms of [0.05, 1.23, 45, 6789, 120_000]) {
      const histogram = new LatencyHistogram();
      histogram.add(ms);
      const { p50 } = histogram.latency();
      expect(Math.abs((p50 as number) - ms) / ms).toBeLessThan(0.01);
    }
  });

  it('takes anything that a clock can give, and says null when it was given nothing', () => {
    const histogram = new LatencyHistogram();
    expect(histogram.latency()).toEqual({ p50: null, p95: null, p99: null });
    for (const ms of [0, -1, 1e12]) histogram.add(ms);
    expect(histogram.latency().p99).toBeGreaterThan(0);
  });
});
