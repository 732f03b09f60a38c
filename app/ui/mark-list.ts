import type { Mark, MarkKind } from '../src/contract.ts';
import { byId, element } from './common/dom.ts';
import { formatClock, formatMs } from './common/format.ts';
import type { MarkStore } from './marks.ts';

const SHOWN = 60;

const KIND_WORDS: Readonly<Record<MarkKind, string>> = {
  command: 'command',
  spike: 'spike',
  phase: 'phase',
  step: 'step',
  backup: 'backup',
  note: 'note',
  gap: 'gap',
  lost: 'LOST',
  connection: 'connection',
};

/** The latest marks in words, newest first. */
export function setUpMarkList(store: MarkStore): { update: () => void } {
  const list = byId('marks');
  let version = -1;
  // What scrolls must be reachable by keyboard.
  byId('marks-scroll').tabIndex = 0;
  return {
    update() {
      if (version === store.version) return;
      version = store.version;
      byId('no-marks').hidden = store.marks.length > 0;
      list.replaceChildren(...store.marks.slice(-SHOWN).reverse().map(itemOf));
    },
  };
}

function itemOf(mark: Mark): HTMLElement {
  const label = element('span', { class: 'label' }, mark.label);
  if (mark.until !== undefined) {
    const words = mark.until === null ? 'in progress' : formatMs(mark.until - mark.at);
    label.append(' ', element('small', {}, `· ${words}`));
  }
  return element(
    'li',
    { 'data-kind': mark.kind },
    element('time', { datetime: new Date(mark.at).toISOString() }, formatClock(mark.at)),
    element('span', { class: 'kind' }, KIND_WORDS[mark.kind]),
    label,
  );
}
