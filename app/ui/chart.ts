import type uPlot from 'uplot';
import { SERIES_COLUMNS } from '../src/live/series.ts';
import type { ChartDefinition, SeriesDefinition } from './chart-definitions.ts';
import { element, setText, svgElement } from './common/dom.ts';
import { drawLines, drawSpans } from './overlay.ts';
import { makePlot, type Plot } from './plot.ts';
import { LOG_FLOOR, linearRange, linearSplits, logRange, logSplits } from './scales.ts';
import type { Colours } from './theme.ts';
import type { View } from './view.ts';

export interface ChartParts {
  readonly definition: ChartDefinition;
  readonly colours: Colours;
  readonly view: () => View;
  /** Whether phase lines are named here: in the first chart. */
  readonly labels: boolean;
  /** Whether the times are written below it: in the last chart, where no strip follows. */
  readonly times: boolean;
  /** Of the text in the plot, pixels; asked for when the plot is made, since the style sheet may decide. */
  readonly text: () => number;
  readonly onCursor: (index: number | null) => void;
}

export interface Chart {
  readonly root: HTMLElement;
  update: () => void;
  redraw: () => void;
}

/** One chart: the plot, and beside it the lines' names with their latest values, or those under the cursor. */
export function makeChart({
  definition,
  colours,
  view,
  labels,
  times,
  text: textSize,
  onCursor,
}: ChartParts): Chart {
  const { name, title, note, series, format } = definition;
  const values = series.map(() => element('b'));
  const legend = element(
    'div',
    { class: 'legend' },
    element('h3', {}, title, ...(note === '' ? [] : [element('small', {}, ` ${note}`)])),
    element(
      'ul',
      {},
      ...series.map((line, i) => element('li', {}, swatch(line), line.label, values[i] ?? '')),
    ),
  );
  const host = element('div', { class: 'plot', role: 'img', 'aria-label': `Chart: ${title}` });
  const root = element('div', { class: 'chart', 'data-chart': name }, host, legend);
  root.style.setProperty('--weight', String(definition.weight));

  let cursor: number | null = null;
  const showValues = () => {
    const { columns, latest } = view();
    series.forEach(({ column }, i) => {
      const value =
        cursor === null ? latest?.[SERIES_COLUMNS.indexOf(column)] : columns.values[column]?.[cursor];
      if (values[i] !== undefined) setText(values[i], format(value));
    });
  };
  // The host has a size only once it is on the page.
  let plot: Plot | null = null;
  const draw = () => {
    const text = textSize();
    return makePlot({
      host,
      colours,
      view,
      times,
      text,
      // Above the first chart, room for the names of the phases; above the others, for half a label of the axis.
      padding: [text * (labels ? 1.9 : 0.7), 8],
      ...axisOf(definition, text),
      series: series.map((line) => lineOf(line, colours)),
      before: (u) => drawSpans(u, view(), colours),
      after: (u) => drawLines(u, view(), colours, labels ? text : null),
      onCursor: (index) => {
        cursor = index;
        showValues();
        onCursor(index);
      },
    });
  };

  return {
    root,
    update() {
      plot ??= draw();
      const { times: at, values: columns } = view().columns;
      plot.update([[...at], ...series.map((line) => drawable(columns[line.column] ?? [], line, definition))]);
      showValues();
    },
    redraw: () => plot?.redraw(),
  };
}

function drawable(
  column: readonly (number | null)[],
  line: SeriesDefinition,
  { scale }: ChartDefinition,
): (number | null)[] {
  return column.map((value) => {
    if (value === null || (value === 0 && line.hideZero === true)) return null;
    return scale === 'log' ? Math.max(value, LOG_FLOOR) : value;
  });
}

function axisOf(
  { scale, top, format }: ChartDefinition,
  text: number,
): { scale: uPlot.Scale; axis: Partial<uPlot.Axis> } {
  const values = (_: uPlot, splits: number[]) => splits.map((value) => format(value));
  if (scale === 'linear') {
    return {
      scale: { range: (_, __, max) => linearRange(max, top) },
      axis: {
        splits: (u, _, min, max) => linearSplits([min, max], u.bbox.height / devicePixelRatio, text),
        values,
      },
    };
  }
  return {
    scale: { distr: 3, log: 10, range: (_, min, max) => logRange(min, max) },
    axis: {
      splits: (u, _, min, max) => logSplits([min, max], u.bbox.height / devicePixelRatio, text),
      filter: (_, splits) => splits,
      values,
    },
  };
}

function lineOf({ label, colour, width, dash }: SeriesDefinition, colours: Colours): uPlot.Series {
  return {
    label,
    stroke: () => colours.of(colour),
    width,
    dash: [...dash],
    // A single value between two empty seconds makes no line, and must be seen all the same.
    points: {
      show: true,
      size: 5,
      fill: () => colours.of(colour),
      filter: (u, index) => lonePoints(u.data[index] ?? []),
    },
  };
}

function lonePoints(column: ArrayLike<number | null | undefined>): number[] {
  const lone: number[] = [];
  for (let i = 0; i < column.length; i++) {
    if (column[i] != null && column[i - 1] == null && column[i + 1] == null) lone.push(i);
  }
  return lone;
}

function swatch({ colour, width, dash }: SeriesDefinition): SVGElement {
  const line = svgElement('line', {
    x1: '1',
    y1: '6',
    x2: '31',
    y2: '6',
    stroke: `var(${colour})`,
    'stroke-width': String(width + 0.5),
    'stroke-dasharray': dash.join(' '),
  });
  return svgElement('svg', { class: 'swatch', viewBox: '0 0 32 12', 'aria-hidden': 'true' }, line);
}
