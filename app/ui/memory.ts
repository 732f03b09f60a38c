/**
 * What the browser keeps for this page. A browser that is set to keep nothing throws on access; the page then works
 * without a memory.
 */

type Kind = 'localStorage' | 'sessionStorage';

export function recall(kind: Kind, key: string): string | null {
  try {
    return window[kind].getItem(key);
  } catch {
    return null;
  }
}

/** `null` forgets. */
export function keep(kind: Kind, key: string, value: string | null): void {
  try {
    if (value === null) window[kind].removeItem(key);
    else window[kind].setItem(key, value);
  } catch {
    // Nothing is kept.
  }
}
