import type { Mark } from '../src/live/types.ts';
import { makeChart } from './chart.ts';
import { CHARTS } from './chart-definitions.ts';
import { byId, element, setText } from './dom.ts';
import { formatClock } from './format.ts';
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
  let view: View = { from: 0, to: 1, known: 1, columns: columnsBetween([], 0, 1), latest: null, marks: [] };
  let marks: readonly Mark[] = [];
  const readout = byId('readout');
  const onCursor = (index: number | null) => {
    const at = index === null ? undefined : view.columns.times[index];
    readout.dataset.past = String(at !== undefined);
    setText(readout, at === undefined ? `now ${formatClock(view.to)}` : `at ${formatClock(at)}`);
    const step = pointStep(view.to - view.from);
    setText(byId('thinned'), step > 1000 ? `a point is ${step / 1000} s: mean rate, worst of the rest` : '');
  };
  let cursor: number | null = null;
  const charts = CHARTS.map((definition, i) =>
    makeChart({
      definition,
      colours,
      view: () => view,
      labels: i === 0,
      onCursor: (index) => {
        if (i !== 0) return;
        cursor = index;
        onCursor(index);
      },
    }),
  );
  const timeline = makeTimeline(
    colours,
    () => view,
    () => marks,
    () => {},
  );
  const parts = [...charts, timeline];
  byId('charts').append(...parts.map(({ root }) => root));

  return {
    update(nextView, allMarks) {
      view = nextView;
      marks = allMarks;
      for (const part of parts) part.update();
      onCursor(cursor);
    },
    redraw: () => {
      for (const part of parts) part.redraw();
    },
  };
}

export interface Windows {
  readonly ms: number;
  choose: (index: number) => void;
  /** Until somebody chooses: a minute while there is no more than that to show, then five. */
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
