import { arrowOf } from './arrows.ts';
import type { Arrow, Box, Point } from './geometry.ts';
import type { Scene, SceneFrame } from './scene.ts';

/** Where a frame stands, and the discs in it. */
export interface FramePlace {
  readonly box: Box;
  readonly radius: number;
  /** The room of a disc and its name. */
  readonly cell: number;
  readonly discs: readonly Point[];
}

export interface PathPlace {
  readonly pill: Box;
  readonly arrow: Arrow;
}

export interface Layout {
  readonly frames: readonly FramePlace[];
  readonly writer: PathPlace;
  readonly reader: PathPlace;
}

export interface Size {
  readonly width: number;
  readonly height: number;
  /** Of the text. */
  readonly font: number;
}

/** Room for three from the beginning, so that discs do not shrink when one joins. */
const FEWEST_CELLS = 3;
/** A lone disc needs room for the title of its frame. */
const TITLED_CELL = 1.3;

/** Where everything of a scene stands: the app at the left, on top, or beside the first of two frames; whichever leaves most room for nodes. */
export function layoutOf(scene: Scene, { width, height, font }: Size): Layout {
  const room = { x: 1, y: 1, width: width - 2, height: height - 2 };
  const layouts = [
    layout(scene, scene.frames, room, font, true),
    layout(scene, scene.frames, room, font, false),
    ...(scene.frames.length > 1 ? [stacked(scene, room, font)] : []),
  ];
  const size = (one: Layout) => one.frames.at(-1)?.radius ?? 0;
  return layouts.reduce((best, next) => (size(next) > size(best) * 1.1 ? next : best));
}

/** What is real above, what is simulated below. */
function stacked(scene: Scene, room: Box, font: number): Layout {
  const height = font * 8.2;
  const top = layout(scene, scene.frames.slice(0, 1), { ...room, height }, font, true);
  const y = room.y + height + font;
  const below = rowOf(scene.frames.slice(1), { ...room, y, height: room.height - height - font }, font, 0.7);
  return { ...top, frames: [...top.frames, ...below] };
}

function layout(
  scene: Scene,
  frames: readonly SceneFrame[],
  room: Box,
  font: number,
  across: boolean,
): Layout {
  const { writer, reader } = scene;
  const pill = { width: font * 8.6, height: font * 3 };
  const way = Math.max(font * 3, (across ? room.width : room.height) * 0.09);
  const left = across ? pill.width + way : 0;
  const top = across ? 0 : pill.height + way;
  const area = {
    x: room.x + left,
    y: room.y + top,
    width: room.width - left,
    height: room.height - top,
  };
  const isFar = (writer.node ?? 0) > 0 || (reader.node ?? 0) > 0;
  const places = rowOf(frames, area, font, across && isFar ? 2.2 : 0.7);
  const first = places[0] ?? { box: area, radius: font, cell: font, discs: [] };
  const pills = pillsOf({ room, pill, across, first, gap: font });
  const target = { frame: first.box, discs: first.discs, radius: first.radius, across };
  const apart = writer.user !== reader.user;
  const side = across ? 1 : -1;
  return {
    frames: places,
    writer: { pill: pills.writer, arrow: arrowOf(pills.writer, writer.node, side, apart, target) },
    reader: { pill: pills.reader, arrow: arrowOf(pills.reader, reader.node, -side, apart, target) },
  };
}

/** Frames side by side in the middle of the area, each as wide as its nodes: one that gets a node grows. `above` the discs: in lines. */
function rowOf(frames: readonly SceneFrame[], area: Box, font: number, above: number): FramePlace[] {
  const gap = font;
  const titled = (kind: SceneFrame['kind']) => kind === 'one' && frames.length > 1;
  const cells = frames.map(({ kind, nodes }) =>
    titled(kind) ? TITLED_CELL : Math.max(FEWEST_CELLS, nodes.length),
  );
  // Between the frames, and half of it at each end within them.
  const gaps = gap * (2 * frames.length - 1);
  const cell = (area.width - gaps) / cells.reduce((sum, count) => sum + count, 0);
  // Below the discs: their names, and the title of the frame, which no arrow crosses there.
  const words = font * 3.3;
  const head = font * above;
  const radius = Math.max(font, Math.min(cell / 2 - font * 0.5, (area.height - words - head) / 2));
  const step = Math.min(cell, radius * 2 + font * 3);
  const widths = frames.map(({ kind, nodes }) => step * (kind === 'one' ? TITLED_CELL : nodes.length) + gap);
  const all = widths.reduce((sum, width) => sum + width, gap * (frames.length - 1));
  const height = head + radius * 2 + words;
  const y = area.y + Math.max(0, (area.height - height) / 2);
  let x = area.x + Math.max(0, (area.width - all) / 2);
  return widths.map((width, i) => {
    const box = { x, y, width, height };
    x += width + gap;
    const count = frames[i]?.nodes.length ?? 0;
    const from = box.x + width / 2 - (step * (count - 1)) / 2;
    const discs = Array.from({ length: count }, (_, n) => ({ x: from + step * n, y: y + head + radius }));
    return { box, radius, cell: step, discs };
  });
}

function pillsOf(given: {
  room: Box;
  pill: Pick<Box, 'width' | 'height'>;
  across: boolean;
  first: FramePlace;
  gap: number;
}): { writer: Box; reader: Box } {
  const { room, pill, across, gap } = given;
  const { box, discs } = given.first;
  if (across) {
    const { x } = room;
    const middle = discs[0]?.y ?? room.y + room.height / 2;
    const lowest = room.y + room.height - 2 * pill.height - gap;
    const y = Math.max(room.y, Math.min(middle - pill.height - gap / 2, lowest));
    return { reader: { x, y, ...pill }, writer: { x, y: y + pill.height + gap, ...pill } };
  }
  const both = pill.width * 2 + gap;
  const x = Math.min(Math.max(room.x, box.x + box.width / 2 - both / 2), room.x + room.width - both);
  return {
    writer: { x, y: room.y, ...pill },
    reader: { x: x + pill.width + gap, y: room.y, ...pill },
  };
}
