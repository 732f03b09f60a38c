import type { Snapshot } from '../src/contract.ts';
import type { Commander } from './commander.ts';
import { byId, element, isOff, setOff, setText, svgElement } from './common/dom.ts';
import { NO_READING, READINGS, type Reading, type ReadingName, readingsOf } from './readings.ts';

const LABELS: Readonly<Record<ReadingName, string>> = {
  answered: 'Answered/s',
  failed: 'Failed/s',
  p99: '99 of 100 within',
  gap: 'Longest gap',
  lost: 'Lost writes',
};

const TEST_IDS: Readonly<Record<ReadingName, string>> = {
  answered: 'rps-total',
  failed: 'errors-total',
  p99: 'p99',
  gap: 'longest-gap',
  lost: 'lost',
};

interface Tile {
  readonly root: HTMLElement;
  readonly value: HTMLElement;
  readonly unit: HTMLElement;
  readonly detail: HTMLElement;
}

export interface Metrics {
  update: (snapshot: Snapshot | null, usable: boolean) => void;
  restartGap: () => void;
}

/** The row of large numbers. The longest gap can be reset: after a deliberate outage, it would show nothing else. */
export function setUpMetrics(commander: Commander): Metrics {
  const host = byId('metrics');
  const alarm = byId('alarm-announcer');
  const tiles = new Map<ReadingName, Tile>();
  for (const name of READINGS) tiles.set(name, makeTile(name));
  host.append(...[...tiles.values()].map(({ root }) => root));
  const restart = element('button', {
    type: 'button',
    class: 'restart',
    'aria-keyshortcuts': 'g',
    'data-testid': 'restart-gap',
  });
  tiles.get('gap')?.detail.replaceWith(restart);
  const restartGap = () => {
    if (!isOff(restart)) void commander.send('restart-gap');
  };
  restart.addEventListener('click', restartGap);

  return {
    restartGap,
    update(snapshot, usable) {
      const readings = snapshot === null ? null : readingsOf(snapshot);
      for (const [name, tile] of tiles) show(tile, readings?.[name] ?? NO_READING);
      const lost = readings?.lost ?? NO_READING;
      const sign = byId('stage-lost');
      sign.dataset.level = lost.level;
      setText(sign, `${lost.value} lost`);
      setText(alarm, lost.level === 'alarm' ? `Alarm: ${lost.value} lost writes. ${lost.detail}.` : '');
      setOff(restart, !usable);
      // What it says is what it changes.
      const since = readings?.gap.detail ?? NO_READING.detail;
      setText(restart, `${since} ↺`);
      restart.setAttribute('aria-label', `Longest gap, ${since}: reset`);
    },
  };
}

function makeTile(name: ReadingName): Tile {
  const value = element('b', { 'data-testid': TEST_IDS[name] });
  const unit = element('small');
  const detail = element('p');
  const icon = svgElement(
    'svg',
    { class: 'icon', 'aria-hidden': 'true' },
    svgElement('use', { href: '#icon-warning' }),
  );
  const root = element(
    'article',
    { class: 'card tile', 'data-metric': name },
    element('h2', {}, icon, LABELS[name]),
    element('div', { class: 'value' }, value, unit),
    detail,
  );
  return { root, value, unit, detail };
}

function show({ root, value, unit, detail }: Tile, reading: Reading): void {
  root.dataset.level = reading.level;
  setText(value, reading.value);
  setText(unit, reading.unit);
  setText(detail, reading.detail);
}
