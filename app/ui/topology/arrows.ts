import type { Arrow, Box, Point } from './geometry.ts';

/** Between the tip of an arrow and what it points at. */
const TIP_PX = 3;

export interface Target {
  readonly frame: Box;
  readonly discs: readonly Point[];
  readonly radius: number;
  readonly across: boolean;
}

/**
 * From the edge of a pill to a disc, or to the frame when a Service chooses the node. `side`: on
 * which side of the middle, -1 or 1; those who come as the same user come in by the same door.
 */
export function arrowOf(pill: Box, node: number | null, side: number, apart: boolean, target: Target): Arrow {
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
    const top = frame.y - TIP_PX;
    return [from, { x: (from.x + to.x) / 2, y: top }, { x: to.x, y: top }, to];
  }
  const to =
    disc === undefined
      ? { x: frame.x - TIP_PX, y: (discs[0]?.y ?? centre.y) + door }
      : { x: disc.x - inset, y: disc.y + door };
  const half = (to.x - from.x) / 2;
  return [from, { x: from.x + half, y: from.y }, { x: to.x - half, y: to.y }, to];
}
