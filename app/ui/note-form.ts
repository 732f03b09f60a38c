import type { Commander } from './commander.ts';
import { byId, setOff } from './common/dom.ts';

/** The field that puts a note on the timeline. */
export function setUpNoteForm(commander: Commander): {
  update: (usable: boolean) => void;
  focus: () => void;
} {
  const form = byId<HTMLFormElement>('note-form');
  const input = byId<HTMLInputElement>('note');
  const button = form.querySelector('button');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const label = input.value.trim();
    if (label === '') return;
    if (await commander.send('mark', { kind: 'note', label })) {
      input.value = '';
      input.blur();
    }
  });
  return {
    update(usable) {
      if (button !== null) setOff(button, !usable);
    },
    focus: () => input.focus(),
  };
}
