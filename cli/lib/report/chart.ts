import { escaped } from './escape.ts';
import type { Stretch } from './stretch.ts';

export interface ChartOptions {
  readonly title: string;
  /** What a value is, e.g. `a second`. */
  readonly unit: string;
  readonly values: readonly (number | null)[];
  /** Class of the line, which gives it its colour. */
  readonly kind: 'answered' | 'failed' | 'gap';
}

const SIZE = { width: 960, height: 220 };
const PLOT = { left: 56, right: 16, top: 18, bottom: 30 };
/** The smallest distance between the numbers of two marks. */
const APART = 34;
/** Rows come every second: after this long without one, nothing was measured, and no line is drawn. Milliseconds. */
const HOLE_MS = 3500;
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900];

/** One metric over time, as SVG that needs only the colours of the page. */
export function chart(stretch: Stretch, { title, unit, values, kind }: ChartOptions): string {
  const { times, from, to, begun, ended, marks } = stretch;
  const top = niceCeiling(Math.max(0, ...values.map((value) => value ?? 0)));
  const [left, right] = [PLOT.left, SIZE.width - PLOT.right];
  const bottom = SIZE.height - PLOT.bottom;
  const x = (time: number) => round(left + ((time - from) / (to - from)) * (right - left));
  const y = (value: number) => round(bottom - (value / top) * (bottom - PLOT.top));

  const grid = [0, 0.5, 1].map((share) => {
    const value = top * share;
    return (
      `<line class="grid" x1="${left}" x2="${right}" y1="${y(value)}" y2="${y(value)}"/>` +
      `<text class="y" x="${left - 8}" y="${y(value) + 5}">${figure(value)}</text>`
    );
  });
  const ticks = timeTicks(from, to, begun).map(
    (time) =>
      `<line class="grid" x1="${x(time)}" x2="${x(time)}" y1="${bottom}" y2="${bottom + 5}"/>` +
      `<text class="x" x="${x(time)}" y="${bottom + 21}">${clock(time - begun)}</text>`,
  );
  const lines = marks.map(
    ({ at }) => `<line class="mark" x1="${x(at)}" x2="${x(at)}" y1="${PLOT.top}" y2="${bottom}"/>`,
  );
  const numbers = numbered(marks.map(({ at }) => x(at))).map(
    ({ at, text }) => `<text class="number" x="${at}" y="${PLOT.top - 3}">${text}</text>`,
  );
  const said = described(values, unit);
  return [
    '<figure>',
    `<figcaption><b>${escaped(title)}</b> ${escaped(said)}</figcaption>`,
    `<svg viewBox="0 0 ${SIZE.width} ${SIZE.height}" role="img" aria-label="${escaped(`${title}: ${said}`)}">`,
    `<rect class="during" x="${x(begun)}" y="${PLOT.top}" width="${round(x(ended) - x(begun))}" height="${bottom - PLOT.top}"/>`,
    ...grid,
    ...ticks,
    ...lines,
    ...numbers,
    `<path class="${kind}" d="${path(times, values, x, y)}"/>`,
    '</svg>',
    '</figure>',
  ].join('\n');
}

/** A line through the points, with holes where nothing was measured. A point alone is drawn as a dot. */
function path(
  times: readonly number[],
  values: readonly (number | null)[],
  x: (time: number) => number,
  y: (value: number) => number,
): string {
  const parts: string[] = [];
  let last = Number.NEGATIVE_INFINITY;
  times.forEach((time, i) => {
    const value = values[i] ?? null;
    if (value === null) {
      last = Number.NEGATIVE_INFINITY;
      return;
    }
    parts.push(time - last > HOLE_MS ? `M${x(time)} ${y(value)}h0` : `L${x(time)} ${y(value)}`);
    last = time;
  });
  return parts.join('');
}

/** Numbers from 1 at these places, in their order; those too close to fit side by side become a range, e.g. `2-4`. */
export function numbered(places: readonly number[]): { readonly at: number; readonly text: string }[] {
  const groups: { at: number; first: number; last: number }[] = [];
  places.forEach((at, i) => {
    const group = groups.at(-1);
    if (group !== undefined && at - group.at < APART) group.last = i + 1;
    else groups.push({ at, first: i + 1, last: i + 1 });
  });
  return groups.map(({ at, first, last }) => ({
    at,
    text: first === last ? `${first}` : `${first}-${last}`,
  }));
}

/** The line in words, also for a screen reader. */
function described(values: readonly (number | null)[], unit: string): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return 'not measured';
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return least === most
    ? `${figure(most)} ${unit} throughout`
    : `${figure(least)} to ${figure(most)} ${unit}`;
}

/** The next of 1, 2, 5, 10, 20, ... */
export function niceCeiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5, 10].find((factor) => value <= factor * power * (1 + 1e-9)) ?? 10);
}

/** About eight ticks, at whole steps from `origin`. */
export function timeTicks(from: number, to: number, origin: number): number[] {
  const step = (STEPS_S.find((s) => (to - from) / 1000 / s <= 10) ?? 1800) * 1000;
  const first = Math.ceil((from - origin) / step);
  const last = Math.floor((to - origin) / step);
  return Array.from({ length: last - first + 1 }, (_, i) => origin + (first + i) * step);
}

/** e.g. `-0:30`, `1:05`. */
export function clock(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  const sign = ms < 0 && seconds > 0 ? '-' : '';
  return `${sign}${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

const figure = (value: number) => String(Math.round(value * 100) / 100);
const round = (value: number) => Math.round(value * 10) / 10;
