import { describe, expect, it } from 'vitest';
import type { Topology } from '../../src/contract.ts';
import { snapshotOf, topologyOf } from '../../src/live/testing.ts';
import { layoutOf, type Size } from './layout.ts';
import { sceneOf } from './scene.ts';

const SIZES: readonly (readonly [string, Size])[] = [
  ['the full view at half a screen', { width: 900, height: 200, font: 15 }],
  ['the full view', { width: 1450, height: 260, font: 17 }],
  ['the stage at half a screen', { width: 900, height: 310, font: 24 }],
  ['the stage at 1280x720', { width: 660, height: 490, font: 24 }],
  ['the stage at 1920x1080', { width: 1000, height: 800, font: 29 }],
];

const seen = (count: number, changes: Partial<Topology> = {}) =>
  sceneOf(snapshotOf({ topology: topologyOf(Array(count).fill({ copies: [60, 0, 20] }), changes) }));

describe.each(SIZES)('in %s', (_, size) => {
  it.each([1, 2, 3, 4, 5])('%i nodes stand in the drawing, apart from each other', (count) => {
    const [frame] = layoutOf(seen(count), size).frames;
    const discs = frame?.discs ?? [];
    const radius = frame?.radius ?? 0;
    expect(discs).toHaveLength(count);
    for (const { x, y } of discs) {
      expect(x - radius).toBeGreaterThan(0);
      expect(x + radius).toBeLessThan(size.width);
      expect(y - radius).toBeGreaterThan(0);
      // Its name and the title of the frame stand below.
      expect(y + radius + 3 * size.font).toBeLessThan(size.height);
    }
    discs.slice(1).forEach(({ x }, i) => {
      expect(x - (discs[i]?.x ?? 0)).toBeGreaterThan(2 * radius);
    });
  });

  it('the discs are as large for one node as for three', () => {
    const radius = (count: number) => layoutOf(seen(count), size).frames[0]?.radius;
    expect(radius(1)).toBe(radius(3));
  });

  it('what is simulated stands apart from what is real', () => {
    const { frames } = layoutOf(seen(3, { simulated: true }), size);
    const [real, simulated] = frames.map(({ box }) => box);
    if (real === undefined || simulated === undefined) throw new Error('two frames were expected');
    const beside = real.x + real.width <= simulated.x;
    const above = real.y + real.height <= simulated.y;
    expect(beside || above).toBe(true);
    expect(simulated.x + simulated.width).toBeLessThanOrEqual(size.width);
    expect(simulated.y + simulated.height).toBeLessThanOrEqual(size.height);
  });
});

describe('an arrow', () => {
  const size = { width: 900, height: 310, font: 24 };
  const place = (reader: string | null) => {
    const topology = topologyOf([{}, {}, {}], {
      writer: { user: 'app_writer', node: 'crdb-0' },
      reader: { user: 'app_reader', node: reader },
    });
    const { frames, reader: path } = layoutOf(sceneOf(snapshotOf({ topology })), size);
    const tip = path.arrow[3];
    const discs = frames[0]?.discs ?? [];
    return {
      tip,
      box: frames[0]?.box,
      distances: discs.map(({ x, y }) => Math.hypot(tip.x - x, tip.y - y)),
      radius: frames[0]?.radius ?? 0,
    };
  };

  it.each([0, 1, 2])('ends at the edge of the node that it goes to (%i)', (index) => {
    const { distances, radius } = place(`crdb-${index}`);
    expect(distances[index]).toBeGreaterThan(radius);
    expect(distances[index]).toBeLessThan(radius + 8);
  });

  it('ends at the frame when a Service chooses the node', () => {
    const { tip, box } = place(null);
    const outside = tip.x < (box?.x ?? 0) || tip.y < (box?.y ?? 0);
    expect(outside).toBe(true);
  });

  it('moves when the user of the reader does', () => {
    const as = (user: string) => {
      const paths = { writer: { user: 'app_writer', silentMs: 0 }, reader: { user, silentMs: 0 } };
      const topology = topologyOf([{}, {}]);
      return layoutOf(sceneOf(snapshotOf({ paths, topology })), size);
    };
    const [same, apart] = [as('app_writer'), as('app_reader')];
    const gap = (layout: typeof same) => Math.abs(layout.writer.arrow[3].y - layout.reader.arrow[3].y);
    expect(gap(apart)).toBeGreaterThan(2 * gap(same));
  });
});
