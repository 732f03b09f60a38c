import { byId, element } from './common/dom.ts';

export interface Shortcut {
  readonly key: string;
  readonly does: string;
  readonly run: () => void;
  /** The id of the dialog that it opens and closes. */
  readonly opens?: string;
}

interface Target {
  readonly tagName?: string;
  readonly type?: string;
  readonly isContentEditable?: boolean;
}

/** Whether a key press belongs to the element that has the focus. A slider takes arrows only. */
export function isTyping(target: Target | null): boolean {
  return (
    target !== null &&
    target.type !== 'range' &&
    (target.isContentEditable === true || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName ?? ''))
  );
}

interface Press extends Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'repeat'> {
  readonly target: unknown;
}

/** The shortcut for a key press, if it is one. A held key counts once. */
export function shortcutFor(press: Press, shortcuts: readonly Shortcut[]): Shortcut | undefined {
  if (press.ctrlKey || press.metaKey || press.altKey || press.repeat) return undefined;
  if (isTyping(press.target as Target | null)) return undefined;
  return shortcuts.find(({ key }) => key === press.key.toLowerCase());
}

/** Listens for the shortcuts and lists them in a dialog. While a dialog is open, only the key that opened it works. */
export function setUpKeyboard(shortcuts: readonly Shortcut[]): void {
  const dialog = byId<HTMLDialogElement>('keys');
  const toggle = () => (dialog.open ? dialog.close() : dialog.showModal());
  const help: Shortcut = { key: '?', does: 'Show or hide this list', run: toggle, opens: 'keys' };
  const all = [...shortcuts, help];
  byId('help').addEventListener('click', toggle);
  byId('key-list').append(
    ...all.map(({ key, does }) =>
      element('div', {}, element('dt', {}, element('kbd', {}, key)), element('dd', {}, does)),
    ),
  );
  const open = () => {
    const shown = document.querySelector<HTMLDialogElement>('dialog[open]');
    return shown === null ? all : all.filter(({ opens }) => opens === shown.id);
  };
  document.addEventListener('keydown', (event) => {
    const shortcut = shortcutFor(event, open());
    if (shortcut === undefined) return;
    event.preventDefault();
    shortcut.run();
  });
}
