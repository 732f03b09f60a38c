import type uPlot from 'uplot';
import type { Mark, MarkKind } from '../src/contract.ts';
import { element } from './common/dom.ts';
import { placeLabel, shorten } from './labels.ts';
import { isSpan, periodsBetween } from './marks.ts';
import { drawLines, drawSpans, extentOf, fontOf } from './overlay.ts';
import { makePlot, type Plot } from './plot.ts';
import type { Colours } from './theme.ts';
import type { View } from './view.ts';

/** The lanes of the strip from top to bottom, and what is drawn in each. */
const LANES: readonly { name: string; kinds: readonly MarkKind[] }[] = [
  { name: 'phases', kinds: ['phase', 'step'] },
  { name: 'spikes, backups', kinds: ['spike', 'backup'] },
  { name: 'commands, notes', kinds: ['command', 'note', 'connection'] },
  { name: 'gaps, losses', kinds: ['gap', 'lost'] },
];

const KIND_COLOURS: Readonly<Record<MarkKind, string>> = {
  phase: '--text',
  step: '--muted',
  spike: '--target',
  backup: '--backup',
  command: '--muted',
  note: '--text',
  connection: '--muted',
  gap: '--alarm',
  lost: '--alarm',
};

export interface Timeline {
  readonly root: HTMLElement;
  update: () => void;
  redraw: () => void;
}

/** The strip below the charts, on their time axis: what happened when. The list of marks says the same in words. */
export function makeTimeline(
  colours: Colours,
  view: () => View,
  allMarks: () => readonly Mark[],
  onCursor: (index: number | null) => void,
): Timeline {
  const host = element('div', {
    class: 'plot',
    role: 'img',
    'aria-label': 'Timeline of marks; the list has them in words',
  });
  const names = element('ul', {}, ...LANES.map(({ name }) => element('li', {}, name)));
  const root = element('div', { class: 'chart strip' }, host, element('div', { class: 'legend' }, names));
  let plot: Plot | null = null;
  const draw = () =>
    makePlot({
      host,
      colours,
      view,
      times: true,
      text: 14,
      padding: [0, 0],
      scale: { range: [0, 1] },
      axis: { values: () => [], grid: { show: false } },
      series: [{ show: false }],
      before: (u) => drawSpans(u, view(), colours),
      after: (u) => {
        drawLines(u, view(), colours, null);
        drawLanes(u, view(), allMarks(), colours);
      },
      onCursor,
    });
  return {
    root,
    update() {
      plot ??= draw();
      const { times } = view().columns;
      plot.update([[...times], times.map(() => null)]);
    },
    redraw: () => plot?.redraw(),
  };
}

interface Lane {
  readonly top: number;
  readonly height: number;
}

function drawLanes(u: uPlot, view: View, allMarks: readonly Mark[], colours: Colours): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  const height = bbox.height / LANES.length;
  LANES.forEach(({ kinds }, i) => {
    const lane = { top: bbox.top + i * height, height };
    if (kinds.includes('phase')) drawPhases(u, view, allMarks, lane, colours);
    else
      drawMarks(
        u,
        view,
        view.marks.filter((mark) => kinds.includes(mark.kind)),
        lane,
        colours,
      );
  });
  ctx.restore();
}

/** A phase lasts until the next begins, so it is drawn as a stretch, with its name at the stretch's visible start. */
function drawPhases(
  u: uPlot,
  view: View,
  marks: readonly Mark[],
  { top, height }: Lane,
  colours: Colours,
): void {
  const px = devicePixelRatio;
  for (const [i, period] of periodsBetween(marks, view.from, view.to).entries()) {
    const x = u.valToPos(period.from, 'x', true);
    const width = u.valToPos(period.to, 'x', true) - x;
    u.ctx.fillStyle = colours.of('--text', i % 2 === 0 ? 0.13 : 0.2);
    u.ctx.fillRect(x, top + 2 * px, width, height - 4 * px);
    u.ctx.fillStyle = colours.of('--text');
    u.ctx.font = fontOf(14, 700);
    u.ctx.fillText(
      shorten(period.label, width - 12 * px, (text) => u.ctx.measureText(text).width),
      x + 8 * px,
      top + height / 2,
    );
  }
}

function drawMarks(u: uPlot, view: View, marks: readonly Mark[], lane: Lane, colours: Colours): void {
  const { ctx, bbox } = u;
  const gap = 7 * devicePixelRatio;
  const widthOf = (text: string) => ctx.measureText(text).width;
  ctx.font = fontOf(14, 500);
  let before = bbox.left;
  marks.forEach((mark, i) => {
    const { x, width } = extentOf(u, mark, view);
    const span = isSpan(mark);
    drawShape(ctx, span, x, width, lane, KIND_COLOURS[mark.kind], colours);
    ctx.fillStyle = colours.of('--text');
    // The label of a stretch of time stands in it, or is left to the list.
    if (span) {
      ctx.textAlign = 'left';
      ctx.fillText(shorten(mark.label, width - 2 * gap, widthOf), x + gap, lane.top + lane.height / 2);
      before = Math.max(before, x + width);
      return;
    }
    const next = marks[i + 1];
    const after = next === undefined ? bbox.left + bbox.width : extentOf(u, next, view).x;
    const textWidth = widthOf(mark.label) + 2 * gap;
    const { side, room } = placeLabel({ x, textWidth, before, after });
    const shown = shorten(mark.label, room - 2 * gap, widthOf);
    ctx.textAlign = side === 'right' ? 'left' : 'right';
    ctx.fillText(shown, side === 'right' ? x + gap : x - gap, lane.top + lane.height / 2);
    before = Math.max(x + width, side === 'right' && shown !== '' ? x + gap + widthOf(shown) : 0);
  });
}

function drawShape(
  ctx: CanvasRenderingContext2D,
  span: boolean,
  x: number,
  width: number,
  { top, height }: Lane,
  colour: string,
  colours: Colours,
): void {
  const px = devicePixelRatio;
  ctx.fillStyle = colours.of(colour);
  if (!span) {
    ctx.fillRect(x - px, top + 3 * px, 3 * px, height - 6 * px);
    return;
  }
  ctx.fillRect(x, top + height - 5 * px, width, 3 * px);
  ctx.fillStyle = colours.of(colour, 0.25);
  ctx.fillRect(x, top + 2 * px, width, height - 5 * px);
}
