import uPlot from 'uplot';
import { formatAxisClock } from './common/format.ts';
import type { Colours } from './theme.ts';
import { timeSplits, timeStep } from './time-axis.ts';
import type { View } from './view.ts';

/** What each plot on the page shares: the time axis, its window and the cursor. */

const SYNC = 'time';
/** Room at the right, so that the newest point is not cut. */
const RIGHT_PX = 10;

export interface PlotParts {
  readonly host: HTMLElement;
  readonly colours: Colours;
  readonly view: () => View;
  /** Whether the times are written below. */
  readonly times: boolean;
  /** Of the text, pixels. */
  readonly text: number;
  readonly padding: [top: number, bottom: number];
  readonly scale: uPlot.Scale;
  readonly axis: Partial<uPlot.Axis>;
  readonly series: uPlot.Series[];
  readonly bands?: uPlot.Band[];
  readonly before: (u: uPlot) => void;
  readonly after: (u: uPlot) => void;
  /** The index into the columns under the cursor, null when it left. */
  readonly onCursor: (index: number | null) => void;
}

export interface Plot {
  update: (data: uPlot.AlignedData) => void;
  redraw: () => void;
}

function isInside(u: uPlot, at: number, text: number): boolean {
  const x = u.valToPos(at, 'x');
  const half = text * 2.3;
  return x > half && x < u.bbox.width / devicePixelRatio - half + RIGHT_PX;
}

/** Makes a plot that fills its host and follows the host's size. */
export function makePlot(parts: PlotParts): Plot {
  const { host, colours, view, times, text } = parts;
  const font = `500 ${text}px system-ui, sans-serif`;
  const gutter = () => text * 4.3;
  const step = (u: uPlot) => timeStep(view().to - view().from, u.bbox.width / devicePixelRatio, text);
  const grid = { stroke: () => colours.of('--grid'), width: 1 };
  const u = new uPlot(
    {
      width: Math.max(host.clientWidth, 50),
      height: Math.max(host.clientHeight, 30),
      ms: 1,
      padding: [parts.padding[0], RIGHT_PX, parts.padding[1], 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: false, y: false, setScale: false },
        sync: { key: SYNC, scales: ['x', null] },
        points: { size: 8 },
      },
      scales: { x: { time: true, auto: false }, y: parts.scale },
      axes: [
        {
          size: times ? text * 1.6 + 8 : 0,
          font,
          stroke: () => colours.of('--muted'),
          grid,
          ticks: { show: false },
          splits: (self) => timeSplits(view().from, view().to, step(self)),
          // A label at the very edge would be cut.
          values: (self, splits) =>
            times
              ? splits.map((at) => (isInside(self, at, text) ? formatAxisClock(at, step(self)) : null))
              : [],
        },
        {
          size: gutter,
          font,
          stroke: () => colours.of('--muted'),
          grid,
          ticks: { show: false },
          gap: 8,
          ...parts.axis,
        },
      ],
      series: [{}, ...parts.series],
      ...(parts.bands === undefined ? {} : { bands: parts.bands }),
      hooks: {
        drawClear: [parts.before],
        draw: [parts.after],
        setCursor: [(self) => parts.onCursor(self.cursor.idx ?? null)],
      },
    },
    undefined,
    host,
  );
  new ResizeObserver(() => {
    const { clientWidth: width, clientHeight: height } = host;
    if (width > 0 && height > 0) u.setSize({ width, height });
  }).observe(host);

  return {
    update(data) {
      u.batch(() => {
        u.setData(data, false);
        u.setScale('x', { min: view().from, max: view().to });
      });
    },
    redraw: () => u.redraw(false, true),
  };
}
