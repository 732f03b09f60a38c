import { byId } from './common/dom.ts';

export interface Stage {
  readonly on: boolean;
  toggle: () => void;
}

/**
 * The view for the last row: no controls, large type. Its address is `?stage`, so that it can be opened as such, and the browser's way
 * back leads out of it.
 */
export function setUpStage(onChange: () => void): Stage {
  let on = false;
  const read = () => {
    on = new URLSearchParams(location.search).has('stage');
    document.body.dataset.mode = on ? 'stage' : 'full';
    onChange();
  };
  const toggle = () => {
    history.pushState(null, '', on ? location.pathname : '?stage');
    read();
  };
  byId('stage').addEventListener('click', (event) => {
    event.preventDefault();
    toggle();
  });
  window.addEventListener('popstate', read);
  read();
  return {
    get on() {
      return on;
    },
    toggle,
  };
}
