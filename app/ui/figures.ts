import type { Snapshot } from '../src/live/types.ts';
import { byId, element, setText, svgElement } from './dom.ts';
import { NO_READING, READINGS, type Reading, type ReadingName, readingsOf } from './readings.ts';

const LABELS: Readonly<Record<ReadingName, string>> = {
  rps: 'Requests/s',
  errors: 'Errors/s',
  p99: 'Latency p99',
  gap: 'Longest gap',
  lost: 'Lost writes',
  nodes: 'Live nodes',
  underReplicated: 'Under-replicated',
};

const TEST_IDS: Readonly<Record<ReadingName, string>> = {
  rps: 'rps-total',
  errors: 'errors-total',
  p99: 'p99',
  gap: 'longest-gap',
  lost: 'lost',
  nodes: 'nodes',
  underReplicated: 'under-replicated',
};

/** These two come from Prometheus, and only when the app has one. */
const OPTIONAL: readonly ReadingName[] = ['nodes', 'underReplicated'];

interface Tile {
  readonly root: HTMLElement;
  readonly value: HTMLElement;
  readonly unit: HTMLElement;
  readonly detail: HTMLElement;
}

/** The row of big figures. */
export function setUpFigures(): { update: (snapshot: Snapshot | null) => void } {
  const host = byId('figures');
  const alarm = byId('alarm-announcer');
  const tiles = new Map<ReadingName, Tile>();
  for (const name of READINGS) tiles.set(name, makeTile(name));
  host.append(...[...tiles.values()].map(({ root }) => root));

  return {
    update(snapshot) {
      const readings = snapshot === null ? {} : readingsOf(snapshot);
      for (const [name, tile] of tiles) {
        const reading = readings[name];
        tile.root.hidden = reading === undefined && OPTIONAL.includes(name);
        show(tile, reading ?? NO_READING);
      }
      const lost = readings.lost;
      setText(alarm, lost?.level === 'alarm' ? `Alarm: ${lost.value} lost writes. ${lost.detail}.` : '');
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
    { class: 'card tile', 'data-figure': name },
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
