import { describe, expect, it } from 'vitest';
import { chart, clock, niceCeiling, numbered, timeTicks } from './chart.ts';
import type { Stretch } from './stretch.ts';

const times = Array.from({ length: 10 }, (_, i) => i * 1000);
const stretch: Stretch = {
  from: 0,
  to: 9000,
  begun: 2000,
  ended: 6000,
  times,
  answered: times.map(() => 25),
  failed: times.map(() => 0),
  gap: times.map(() => null),
  marks: [{ id: 7, kind: 'note', label: '<script>alert(1)</script>', at: 3000 }],
};
const draw = (values: readonly (number | null)[], over: Partial<Stretch> = {}) =>
  chart({ ...stretch, ...over }, { title: 'Requests <b>', unit: 'a second', values, kind: 'answered' });
const pathOf = (svg: string) => /<path [^>]*d="([^"]*)"/.exec(svg)?.[1] ?? '';

describe('a chart', () => {
  it('draws one line through every second, and says in words what it shows', () => {
    const svg = draw(stretch.answered);
    expect(pathOf(svg).match(/[ML]/g)).toHaveLength(10);
    expect(pathOf(svg).match(/M/g)).toHaveLength(1);
    expect(svg).toContain('aria-label="Requests &lt;b&gt;: 25 a second throughout"');
    expect(draw([0, 4, ...times.slice(2).map(() => 1)])).toContain('0 to 4 a second');
  });

  it('draws no line over a time in which nothing was measured', () => {
    const holes = draw([1, 2, null, 3, 4, 5, 6, 7, 8, 9]);
    expect(pathOf(holes).match(/M/g)).toHaveLength(2);
    const late = times.map((time, i) => (i < 5 ? time : time + 10_000));
    expect(pathOf(draw(stretch.answered, { times: late, to: 19_000 })).match(/M/g)).toHaveLength(2);
    expect(draw(stretch.gap)).toContain('not measured');
    expect(pathOf(draw(stretch.gap))).toBe('');
  });

  it('holds every value between the axes', () => {
    const svg = draw([0, 1, 10, 99, 100, 101, 250, 3, 2, 1]);
    const points = [...pathOf(svg).matchAll(/([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
    expect(points).toHaveLength(10);
    for (const [x = -1, y = -1] of points) {
      expect(x).toBeGreaterThanOrEqual(56);
      expect(x).toBeLessThanOrEqual(944);
      expect(y).toBeGreaterThanOrEqual(18);
      expect(y).toBeLessThanOrEqual(190);
    }
    expect(draw(stretch.failed)).not.toMatch(/NaN|Infinity/);
  });

  it('lets no label out of its place, and refers to nothing outside', () => {
    const svg = draw(stretch.answered);
    expect(svg).not.toContain('<script>');
    expect(svg).not.toMatch(/href|url\(|https?:/);
  });
});

describe('the parts of a chart', () => {
  it.each([
    [0, 1],
    [1, 1],
    [3, 5],
    [11, 20],
    [25, 50],
    [100, 100],
    [0.27, 0.5],
    [201, 500],
  ])('%d is below the round number %d', (value, top) => {
    expect(niceCeiling(value)).toBeCloseTo(top);
  });

  it('times count from the begin, in whole steps', () => {
    expect(timeTicks(-30_000, 95_000, 0)).toEqual([-30, -15, 0, 15, 30, 45, 60, 75, 90].map((s) => s * 1000));
    expect([-30_000, 0, 65_000, 3_600_000, -200].map(clock)).toEqual([
      '-0:30',
      '0:00',
      '1:05',
      '60:00',
      '0:00',
    ]);
  });

  it('numbers of marks that lie together are told as one', () => {
    expect(numbered([100, 110, 120, 300])).toEqual([
      { at: 100, text: '1-3' },
      { at: 300, text: '4' },
    ]);
    expect(numbered([])).toEqual([]);
  });
});
