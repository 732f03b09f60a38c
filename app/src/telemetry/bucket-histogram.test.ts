import { Histogram, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { BucketHistogram } from './bucket-histogram.ts';

const BOUNDS = [0.001, 0.1, 1, 10];

it('is written as prom-client writes its own', async () => {
  const [registry, other] = [new Registry(), new Registry()];
  const own = new BucketHistogram({
    name: 'h_seconds',
    help: 'Help.',
    label: 'route',
    bounds: BOUNDS,
    registry,
  });
  const theirs = new Histogram({
    name: 'h_seconds',
    help: 'Help.',
    labelNames: ['route'],
    buckets: BOUNDS,
    registers: [other],
  });
  expect(await registry.metrics()).toBe(await other.metrics());
  for (const [route, values] of [
    ['/login', [0, 0.001, 0.0011, 0.5, 1, 10, 10.1, 1000]],
    ['a "quoted"\nroute', [0.2]],
  ] as const)
    for (const value of values) {
      own.labels(route).observe(value);
      theirs.labels(route).observe(value);
    }
  expect(await registry.metrics()).toBe(await other.metrics());
  expect(await registry.metrics()).toContain('h_seconds_bucket{le="+Inf",route="/login"} 8');
  registry.resetMetrics();
  other.resetMetrics();
  expect(await registry.metrics()).toBe(await other.metrics());
});
