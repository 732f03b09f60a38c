import type { LoadState } from '../src/contract.ts';
import type { Commander } from './commander.ts';
import { byId, element, isOff, setOff, setText } from './common/dom.ts';
import { SWITCHES, type SwitchName, switchState, toggleCommand } from './load-switches.ts';

const NAMES: Readonly<Record<SwitchName, string>> = {
  load: 'All load',
  readers: 'Readers',
  writers: 'Writers',
};
export const SWITCH_KEYS: Readonly<Record<SwitchName, string>> = { load: 'l', readers: 'r', writers: 'w' };

export interface LoadControls {
  update: (load: LoadState | null, usable: boolean) => void;
  /** For a key press, with the load as it is known now: the page may not have been drawn since. */
  toggle: (name: SwitchName, load: LoadState | null) => void;
}

/** The rows with which load, readers and writers are started and stopped. */
export function setUpLoadControls(commander: Commander): LoadControls {
  const rows = SWITCHES.map((name) => {
    const state = element('span', { class: 'state', id: `${name}-state`, 'data-testid': `${name}-state` });
    const button = (verb: 'start' | 'stop', label: string) => {
      const made = element(
        'button',
        {
          type: 'button',
          'data-testid': `${verb}-${name}`,
          'aria-label': `${label} ${NAMES[name].toLowerCase()}`,
          'aria-describedby': state.id,
        },
        label,
      );
      made.addEventListener('click', () => {
        if (!isOff(made)) void commander.send(`${verb}-${name}`);
      });
      return made;
    };
    const [start, stop] = [button('start', 'Start'), button('stop', 'Stop')];
    const root = element(
      'div',
      { class: 'switch', role: 'group', 'aria-label': NAMES[name] },
      element('kbd', {}, SWITCH_KEYS[name]),
      element('div', {}, NAMES[name], state),
      start,
      stop,
    );
    return { name, root, state, start, stop };
  });
  byId('load-rows').append(...rows.map(({ root }) => root));

  return {
    update(load, usable) {
      const current = usable ? load : null;
      for (const { name, root, state, start, stop } of rows) {
        const { on, words } = load === null ? { on: 'off', words: '' } : switchState(name, load);
        root.dataset.on = on;
        setText(state, words);
        setOff(start, current === null || on === 'on');
        setOff(stop, current === null || on === 'off');
      }
    },
    toggle(name, load) {
      if (load !== null) void commander.send(toggleCommand(name, load));
    },
  };
}
