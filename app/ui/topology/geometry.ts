/** All in CSS pixels of the drawing. */

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
