import type uPlot from 'uplot';
import type { Mark } from '../src/contract.ts';
import { rowsOf } from './labels.ts';
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

/** Over the lines: phase changes and losses, from top to bottom. With a size of text they are named above the plot, in further rows where they are close. */
export function drawLines(u: uPlot, view: View, colours: Colours, text: number | null): void {
  const lines = view.marks
    .filter(({ at, kind }) => at >= view.from && (kind === 'phase' || kind === 'lost'))
    .map(({ at, kind, label }) => ({
      x: Math.round(u.valToPos(at, 'x', true)),
      colour: colours.of(kind === 'phase' ? '--text' : '--alarm'),
      label: kind === 'phase' ? label : kind,
    }));
  for (const { x, colour } of lines) drawLine(u.ctx, x, colour);
  if (text === null) return;
  const boxes = lines.map(({ x, label }) => labelBox(u, x, label, text));
  const rows = rowsOf(boxes);
  lines.forEach(({ label, colour }, i) => {
    const [left, right] = boxes[i] ?? [0, 0];
    drawLabel(u, { left, right, row: rows[i] ?? 0, label, colour, text }, colours);
  });
}

function drawLine(ctx: CanvasRenderingContext2D, x: number, colour: string): void {
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.setLineDash([]);
  ctx.beginPath();
  // Into the space between two charts, so that the line is one line through all of them.
  ctx.moveTo(x, 0);
  ctx.lineTo(x, ctx.canvas.height);
  ctx.stroke();
  ctx.restore();
}

/** To the right of the line, or to the left where the plot ends. */
function labelBox(
  { ctx, bbox }: uPlot,
  x: number,
  label: string,
  text: number,
): readonly [left: number, right: number] {
  ctx.save();
  ctx.font = fontOf(text + 1, 700);
  const width = ctx.measureText(label).width + 14 * devicePixelRatio;
  ctx.restore();
  return x + width < bbox.left + bbox.width ? [x, x + width] : [x - width, x];
}

interface Label {
  readonly left: number;
  readonly right: number;
  readonly row: number;
  readonly label: string;
  readonly colour: string;
  /** Its size, pixels. */
  readonly text: number;
}

function drawLabel({ ctx, bbox }: uPlot, shown: Label, colours: Colours): void {
  const { left, right, row, label, colour, text } = shown;
  const px = devicePixelRatio;
  const height = text * 1.65 * px;
  const top = bbox.top + (row - 1) * height;
  ctx.save();
  ctx.font = fontOf(text + 1, 700);
  ctx.fillStyle = colour;
  ctx.fillRect(left, top, right - left, height);
  ctx.fillStyle = colours.of('--card');
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  ctx.fillText(label, left + 7 * px, top + height / 2 + px);
  ctx.restore();
}
