import type { Scene } from './scene.ts';

/** Where everything of a scene stands. All in CSS pixels of the drawing. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** A cubic curve: from, its two control points, to. */
export type Arrow = readonly [Point, Point, Point, Point];

export interface Layout {
  /** Of every disc. */
  readonly radius: number;
  readonly frames: readonly Box[];
  /** By frame, then by node. */
  readonly discs: readonly (readonly Point[])[];
  /** The room of a disc and its name. */
  readonly cell: number;
  readonly writer: { readonly pill: Box; readonly arrow: Arrow };
  readonly reader: { readonly pill: Box; readonly arrow: Arrow };
  /** Whether the arrows go from the left to the right, or from above. */
  readonly across: boolean;
}

export interface Size {
  readonly width: number;
  readonly height: number;
  /** Of the text. */
  readonly font: number;
}

/** Between the tip of an arrow and what it points at. */
const TIP_PX = 3;
/** Room for three from the beginning, so that discs do not shrink when one joins. */
const FEWEST_CELLS = 3;
/** A lone disc needs room for the title of its frame. */
const TITLED_CELL = 1.5;

/** The app at the left or on top, whichever leaves more room for the nodes. */
export function layoutOf(scene: Scene, size: Size): Layout {
  const across = layout(scene, size, true);
  const down = layout(scene, size, false);
  return down.radius > across.radius * 1.1 ? down : across;
}

function layout(scene: Scene, size: Size, across: boolean): Layout {
  const { width, height, font } = size;
  const pill = { width: font * 8.6, height: font * 3 };
  const way = Math.max(font * 3, (across ? width : height) * 0.09);
  const area = across
    ? { x: pill.width + way, y: 1, width: width - pill.width - way - 1, height: height - 2 }
    : { x: 1, y: pill.height + way, width: width - 2, height: height - pill.height - way - 1 };
  const cells = cellsOf(scene);
  const gap = font;
  // Between the frames, and half of it at each end within them.
  const gaps = gap * (2 * cells.length - 1);
  const cell = (area.width - gaps) / cells.reduce((sum, count) => sum + count, 0);
  // Below the discs: their names, and the title of the frame, which no arrow crosses there.
  const words = font * 3.3;
  const above = font * (across && isFar(scene) ? 1.6 : 0.7);
  const radius = Math.max(font, Math.min(cell / 2 - font * 0.5, (area.height - words - above) / 2));
  const step = Math.min(cell, radius * 2 + font * 3);
  const boxes = framesOf({ scene, area, gap, step, height: above + radius * 2 + words });
  const discs = boxes.map((box, i) => {
    const count = scene.frames[i]?.nodes.length ?? 0;
    const first = box.x + box.width / 2 - (step * (count - 1)) / 2;
    return Array.from({ length: count }, (_, n) => ({ x: first + step * n, y: box.y + above + radius }));
  });
  const middle = (boxes[0] ?? area).y + above + radius;
  const pills = pillsOf({ size, pill, across, frame: boxes[0] ?? area, middle });
  const target = { frame: boxes[0] ?? area, discs: discs[0] ?? [], radius, across };
  const apart = scene.writer.user !== scene.reader.user;
  const { writer, reader } = scene;
  const sides = across ? { writer: 1, reader: -1 } : { writer: -1, reader: 1 };
  return {
    radius,
    cell,
    frames: boxes,
    discs,
    across,
    writer: { pill: pills.writer, arrow: arrowOf(pills.writer, writer.node, sides.writer, apart, target) },
    reader: { pill: pills.reader, arrow: arrowOf(pills.reader, reader.node, sides.reader, apart, target) },
  };
}

/** Whether an arrow has to pass over a disc that is nearer. */
function isFar({ writer, reader }: Scene): boolean {
  return (writer.node ?? 0) > 0 || (reader.node ?? 0) > 0;
}

function cellsOf({ frames }: Scene): number[] {
  const alone = frames.length === 1;
  return frames.map(({ kind, nodes }) =>
    kind === 'one' && !alone ? TITLED_CELL : Math.max(FEWEST_CELLS, nodes.length),
  );
}

/** Frames side by side in the middle of the area, each as wide as its nodes: one that gets a node grows. */
function framesOf(given: { scene: Scene; area: Box; gap: number; step: number; height: number }): Box[] {
  const { scene, area, gap, step, height } = given;
  const widths = scene.frames.map(
    ({ kind, nodes, title }) =>
      // The title of what is simulated is long, and its frame must hold it.
      Math.max(step * nodes.length, kind === 'seen' ? 0 : Math.min(title.length * gap * 0.56, area.width)) +
      gap,
  );
  const all = widths.reduce((sum, width) => sum + width, gap * (widths.length - 1));
  let x = area.x + Math.max(0, (area.width - all) / 2);
  return widths.map((width) => {
    const box = { x, y: area.y + (area.height - height) / 2, width, height };
    x += width + gap;
    return box;
  });
}

function pillsOf(given: {
  size: Size;
  pill: Pick<Box, 'width' | 'height'>;
  across: boolean;
  frame: Box;
  middle: number;
}): { writer: Box; reader: Box } {
  const { size, pill, across, frame, middle } = given;
  const gap = size.font;
  if (across) {
    const y = Math.max(1, middle - pill.height - gap / 2);
    return { reader: { x: 1, y, ...pill }, writer: { x: 1, y: y + pill.height + gap, ...pill } };
  }
  const both = pill.width * 2 + gap;
  const x = Math.min(Math.max(1, frame.x + frame.width / 2 - both / 2), size.width - both - 1);
  return { writer: { x, y: 1, ...pill }, reader: { x: x + pill.width + gap, y: 1, ...pill } };
}

interface Target {
  readonly frame: Box;
  readonly discs: readonly Point[];
  readonly radius: number;
  readonly across: boolean;
}

/**
 * From the edge of a pill to a disc, or to the frame when a Service chooses the node. `side`: on
 * which side of the middle, -1 or 1; those who come as the same user come in by the same door.
 */
function arrowOf(pill: Box, node: number | null, side: number, apart: boolean, target: Target): Arrow {
  const { frame, discs, radius, across } = target;
  const centre = { x: pill.x + pill.width / 2, y: pill.y + pill.height / 2 };
  const disc = node === null ? undefined : discs[node];
  const door = side * radius * (apart ? 0.55 : 0.16);
  // On the circle, towards the pill and a little to the path's own side.
  const inset = Math.sqrt(Math.max(0, radius * radius - door * door)) + TIP_PX;
  if (!across) {
    const from = { x: centre.x, y: pill.y + pill.height };
    const to =
      disc === undefined
        ? { x: frame.x + frame.width / 2 + door, y: frame.y - TIP_PX }
        : { x: disc.x + door, y: disc.y - inset };
    const half = (to.y - from.y) / 2;
    return [from, { x: from.x, y: from.y + half }, { x: to.x, y: to.y - half }, to];
  }
  const from = { x: pill.x + pill.width, y: centre.y };
  if (disc !== undefined && node !== null && node > 0) {
    // Over the discs that are nearer, and down to this one.
    const to = { x: disc.x + door / 2, y: disc.y - radius - TIP_PX };
    const top = frame.y + 2;
    return [from, { x: from.x + (frame.x - from.x) * 2, y: top }, { x: to.x, y: top - radius * 0.3 }, to];
  }
  const to =
    disc === undefined
      ? { x: frame.x - TIP_PX, y: (discs[0]?.y ?? centre.y) + door }
      : { x: disc.x - inset, y: disc.y + door };
  const half = (to.x - from.x) / 2;
  return [from, { x: from.x + half, y: from.y }, { x: to.x - half, y: to.y }, to];
}

/** The place of a dot from the middle of its disc, in a spiral as of a sunflower's seeds, and its radius. */
export function dotPlaces(count: number, most: number, radius: number): { places: Point[]; size: number } {
  const spacing = (radius * 0.9) / (Math.sqrt(Math.max(most, 7)) + 0.55);
  const places = Array.from({ length: count }, (_, i) => {
    const distance = spacing * Math.sqrt(i + 0.5);
    const angle = i * 2.399963;
    return { x: distance * Math.cos(angle), y: distance * Math.sin(angle) };
  });
  return { places, size: spacing * 0.7 };
}
