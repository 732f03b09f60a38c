import { byId, setText } from './common/dom.ts';
import type { Status } from './status.ts';

/** The connection's state, in the bar and over the whole page: old values look old. */
export function setUpStatusLine(): { update: (status: Status) => void } {
  const line = byId('connection');
  let announced = '';
  return {
    update({ state, words, age }) {
      line.dataset.state = state;
      document.body.dataset.connection = state;
      setText(byId('connection-words'), words);
      setText(byId('connection-age'), age);
      // Announced once a change, not once a second.
      if (announced !== words) {
        setText(byId('announcer'), `Connection: ${words}. ${age}`);
        announced = words;
      }
    },
  };
}
