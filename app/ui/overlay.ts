import type uPlot from 'uplot';
import type { Mark } from '../src/live/types.ts';
import { endOf, isSpan } from './marks.ts';
import type { Colours } from './theme.ts';
import type { View } from './view.ts';

/** The colour of each kind of span that is shaded through all charts. */
const SHADES: Partial<Record<Mark['kind'], { colour: string; alpha: number }>> = {
  spike: { colour: '--target', alpha: 0.1 },
  backup: { colour: '--backup', alpha: 0.14 },
  gap: { colour: '--alarm', alpha: 0.22 },
};

/** A two-second gap in an hour must still be seen. */
const MIN_SPAN_PX = 3;

export function fontOf(px: number, weight = 600): string {
  return `${weight} ${px * devicePixelRatio}px system-ui, sans-serif`;
}

/** The left edge and the width of a mark in canvas pixels, cut to the plot. */
export function extentOf(u: uPlot, mark: Mark, view: View): { x: number; width: number } {
  const left = u.bbox.left;
  const right = left + u.bbox.width;
  const clamp = (x: number) => Math.min(Math.max(x, left), right);
  const x = clamp(u.valToPos(mark.at, 'x', true));
  const end = clamp(u.valToPos(endOf(mark, view.known), 'x', true));
  return { x, width: Math.max(end - x, MIN_SPAN_PX * devicePixelRatio) };
}

/** Behind the lines: spikes, backups and gaps over their whole length. */
export function drawSpans(u: uPlot, view: View, colours: Colours): void {
  const { ctx, bbox } = u;
  // uPlot remembers which fill it set last, and must find it again.
  ctx.save();
  for (const mark of view.marks) {
    const shade = SHADES[mark.kind];
    if (shade === undefined || !isSpan(mark)) continue;
    const { x, width } = extentOf(u, mark, view);
    ctx.fillStyle = colours.of(shade.colour, shade.alpha);
    ctx.fillRect(x, bbox.top, width, bbox.height);
  }
  ctx.restore();
}

/** Over the lines: phase changes and losses, from top to bottom. With `labels` the phases are named at the top. */
export function drawLines(u: uPlot, view: View, colours: Colours, labels: boolean): void {
  for (const mark of view.marks) {
    if (mark.at < view.from) continue;
    if (mark.kind === 'phase') drawLine(u, mark, colours.of('--text'), labels ? mark.label : '', colours);
    if (mark.kind === 'lost') drawLine(u, mark, colours.of('--alarm'), labels ? 'lost' : '', colours);
  }
}

function drawLine(u: uPlot, mark: Mark, colour: string, label: string, colours: Colours): void {
  const { ctx, bbox } = u;
  const px = devicePixelRatio;
  const x = Math.round(u.valToPos(mark.at, 'x', true));
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2 * px;
  ctx.setLineDash([]);
  ctx.beginPath();
  // Into the space between two charts, so that the line is one line through all of them.
  ctx.moveTo(x, 0);
  ctx.lineTo(x, ctx.canvas.height);
  ctx.stroke();
  if (label !== '') {
    ctx.font = fontOf(15, 700);
    const width = ctx.measureText(label).width + 14 * px;
    const height = 23 * px;
    const fits = x + width < bbox.left + bbox.width;
    const left = fits ? x : x - width;
    ctx.fillStyle = colour;
    ctx.fillRect(left, bbox.top, width, height);
    ctx.fillStyle = colours.of('--card');
    ctx.textAlign = 'left';
    ctx.textBaseline = 'middle';
    ctx.fillText(label, left + 7 * px, bbox.top + height / 2 + px);
  }
  ctx.restore();
}
