import { byId, setText } from './common/dom.ts';
import { refusalOf } from './connection.ts';
import { keep, recall } from './memory.ts';

const KEY = 'control-token';

export interface TokenEntry {
  /** Called when a connection is made: whether commands on it need the token. */
  onConnected: (needsToken: boolean) => Promise<void>;
  /** A command was refused for want of the token. */
  ask: (problem: string) => void;
  readonly locked: boolean;
}

/** Asks for the control token once a browser session, and hands it over on each new connection. */
export function setUpToken(authorize: (token: string) => Promise<boolean>, onChange: () => void): TokenEntry {
  const form = byId<HTMLFormElement>('token-form');
  const input = byId<HTMLInputElement>('token');
  const problem = byId('token-problem');
  let locked = false;

  const set = (nowLocked: boolean, words: string) => {
    locked = nowLocked;
    form.hidden = !locked;
    input.setAttribute('aria-invalid', String(words !== ''));
    setText(problem, words);
    onChange();
  };
  const attempt = async (token: string): Promise<void> => {
    try {
      const right = await authorize(token);
      if (right) {
        keep('sessionStorage', KEY, token);
        input.value = '';
        // The browser takes the focus from a hidden field only later, and keys typed until then would be lost in it.
        input.blur();
        set(false, '');
      } else {
        keep('sessionStorage', KEY, null);
        set(true, 'Wrong token. The app was started with a different one.');
      }
    } catch (error) {
      set(true, `The token could not be checked: ${refusalOf(error).message}`);
    }
  };
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const token = input.value.trim();
    if (token === '') return set(true, 'Enter the control token first.');
    await attempt(token);
    if (locked) input.select();
  });

  /** A link may bring it along. */
  const take = () => {
    const given = tokenOf(location.hash);
    if (given === null) return false;
    keep('sessionStorage', KEY, given);
    // It must not stay visible in the address bar or in the history of this browser.
    history.replaceState(history.state, '', location.pathname + location.search);
    return true;
  };
  take();
  // Typed or pasted into the address bar of a page that is open.
  window.addEventListener('hashchange', () => {
    if (take() && locked) void attempt(recall('sessionStorage', KEY) ?? '');
  });

  return {
    async onConnected(needsToken) {
      if (!needsToken) return set(false, '');
      const token = recall('sessionStorage', KEY);
      if (token === null) return set(true, '');
      await attempt(token);
    },
    ask: (words) => set(true, words),
    get locked() {
      return locked;
    },
  };
}

/** The token in the fragment of a link, `#token=...`, which browsers send nowhere; null when it has none. */
export function tokenOf(fragment: string): string | null {
  const token = new URLSearchParams(fragment.replace(/^#/, '')).get('token')?.trim() ?? '';
  return token === '' ? null : token;
}
