import type { Mark } from '../src/contract.ts';
import { makeChart } from './chart.ts';
import { CHARTS, STAGE_CHARTS } from './chart-definitions.ts';
import { byId, element, setText } from './common/dom.ts';
import { formatClock } from './common/format.ts';
import type { Colours } from './theme.ts';
import { pointStep } from './thinning.ts';
import { makeTimeline } from './timeline.ts';
import type { View } from './view.ts';
import { columnsBetween, WINDOW_MINUTES } from './window.ts';

export interface Charts {
  update: (view: View, allMarks: readonly Mark[]) => void;
  redraw: () => void;
}

/** All charts and the strip, over one time axis. */
export function setUpCharts(colours: Colours): Charts {
  let shown = nothing();
  const readout = byId('readout');
  let cursor: number | null = null;
  const showReadout = () => {
    const { columns, from, to } = shown.view;
    const at = cursor === null ? undefined : columns.times[cursor];
    readout.dataset.past = String(at !== undefined);
    setText(readout, at === undefined ? `now ${formatClock(to)}` : `at ${formatClock(at)}`);
    const step = pointStep(to - from);
    setText(byId('thinned'), step > 1000 ? `a point is ${step / 1000} s: mean rate, worst of the rest` : '');
  };
  const charts = CHARTS.map((definition, i) =>
    makeChart({
      definition,
      colours,
      view: () => shown.view,
      labels: i === 0,
      times: false,
      text: () => 14,
      onCursor: (index) => {
        if (i !== 0) return;
        cursor = index;
        showReadout();
      },
    }),
  );
  const timeline = makeTimeline(
    colours,
    () => shown.view,
    () => shown.marks,
    () => {},
  );
  const parts = [...charts, timeline];
  byId('charts').append(...parts.map(({ root }) => root));

  return {
    update(view, marks) {
      shown = { view, marks };
      for (const part of parts) part.update();
      showReadout();
    },
    redraw: () => {
      for (const part of parts) part.redraw();
    },
  };
}

/** The three charts of the stage, in the large type of the style sheet. */
export function setUpStageCharts(colours: Colours): Charts {
  let { view } = nothing();
  const stageText = () => Number.parseFloat(getComputedStyle(byId('stage-charts')).fontSize);
  const charts = STAGE_CHARTS.map((definition, i) =>
    makeChart({
      definition,
      colours,
      view: () => view,
      labels: i === 0,
      times: i === STAGE_CHARTS.length - 1,
      text: stageText,
      onCursor: () => {},
    }),
  );
  byId('stage-charts').append(...charts.map(({ root }) => root));
  return {
    update(next) {
      view = next;
      for (const chart of charts) chart.update();
    },
    redraw: () => {
      for (const chart of charts) chart.redraw();
    },
  };
}

function nothing(): { view: View; marks: readonly Mark[] } {
  const columns = columnsBetween([], 0, 1);
  return { view: { from: 0, to: 1, known: 1, columns, latest: null, marks: [] }, marks: [] };
}

export interface Windows {
  readonly ms: number;
  choose: (index: number) => void;
  /** Default until the user chooses: a minute while there is no more data, then five. */
  suggest: (dataMs: number) => void;
}

/** The choice of how much time the charts show. */
export function setUpWindows(onChange: () => void): Windows {
  let shown = 0;
  let chosen = false;
  const buttons = WINDOW_MINUTES.map((minutes, i) => {
    const button = element(
      'button',
      { type: 'button', 'aria-keyshortcuts': String(i + 1) },
      `${minutes} min`,
    );
    button.addEventListener('click', () => choose(i));
    return button;
  });
  const show = (index: number) => {
    shown = index;
    buttons.forEach((button, i) => {
      button.setAttribute('aria-pressed', String(i === shown));
    });
  };
  const choose = (index: number) => {
    chosen = true;
    show(index);
    onChange();
  };
  byId('windows').append(...buttons);
  show(shown);
  return {
    get ms() {
      return (WINDOW_MINUTES[shown] ?? 5) * 60_000;
    },
    choose,
    suggest(dataMs) {
      if (!chosen) show(dataMs > 60_000 ? 1 : 0);
    },
  };
}
