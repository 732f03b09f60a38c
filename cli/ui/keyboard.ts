export type Key = 'next' | 'spike' | 'kill' | 'cockroach' | 'quit';

interface Waiting {
  readonly resolve: (key: Key | null) => void;
}

/** So long may an input that is no terminal say nothing at all: then nobody is there, as with a pipe that a build machine leaves open. */
export const SILENCE_MS = 300_000;

/**
 * The presenter's keys: Enter or Space, s, k, c, q. In a terminal each key counts at once; otherwise each line of input does.
 */
export class Keyboard {
  readonly #input: NodeJS.ReadStream;
  readonly #raw: boolean;
  readonly #onInterrupt: () => void;
  #typed: Key[] = [];
  #partOfLine = '';
  #ended = false;
  #silence: NodeJS.Timeout | undefined;
  #heard = false;
  #waiting: Waiting | undefined;
  readonly #onData = (chunk: Buffer | string) => this.#read(String(chunk));
  readonly #onEnd = () => {
    this.#ended = true;
    this.#answer();
  };

  /** `onInterrupt` is for Ctrl-C, which is a key like others while single keys are read. */
  constructor(input: NodeJS.ReadStream, onInterrupt: () => void) {
    this.#input = input;
    this.#onInterrupt = onInterrupt;
    this.#raw = input.isTTY === true && typeof input.setRawMode === 'function';
    if (this.#raw) input.setRawMode(true);
    // One before may have let go of it.
    input.ref?.();
    input.on('data', this.#onData);
    input.on('end', this.#onEnd);
    input.on('error', this.#onEnd);
  }

  /** The next key, or null when the input has ended. Rejects when `signal` is aborted. */
  next(signal: AbortSignal): Promise<Key | null> {
    // A key that was hit twice, while something was in progress, must not skip what comes next.
    if (this.#raw) this.#typed = this.#typed.filter((key) => key === 'quit');
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting = undefined;
        reject(signal.reason);
      };
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting = {
        resolve: (key) => {
          signal.removeEventListener('abort', abort);
          resolve(key);
        },
      };
      if (!this.#raw && !this.#heard) this.#silence ??= setTimeout(this.#onEnd, SILENCE_MS);
      this.#answer();
    });
  }

  close(): void {
    clearTimeout(this.#silence);
    if (this.#raw) this.#input.setRawMode(false);
    this.#input.off('data', this.#onData);
    this.#input.off('end', this.#onEnd);
    this.#input.off('error', this.#onEnd);
    // Otherwise the open input keeps the process alive.
    this.#input.pause();
    this.#input.unref?.();
  }

  #read(text: string): void {
    this.#heard = true;
    clearTimeout(this.#silence);
    const parts = this.#raw ? [...text] : this.#lines(text);
    for (const part of parts) {
      if (part === '\x03') this.#onInterrupt();
      const key = keyOf(part);
      if (key !== undefined) this.#typed.push(key);
    }
    this.#answer();
  }

  #lines(text: string): string[] {
    const lines = (this.#partOfLine + text).split('\n');
    this.#partOfLine = lines.pop() ?? '';
    return lines.map((line) => line.trim() || '\n');
  }

  #answer(): void {
    if (this.#waiting === undefined || (this.#typed.length === 0 && !this.#ended)) return;
    const { resolve } = this.#waiting;
    this.#waiting = undefined;
    resolve(this.#typed.shift() ?? null);
  }
}

function keyOf(text: string): Key | undefined {
  if (text === '\r' || text === '\n' || text === ' ') return 'next';
  if (text === 's' || text === 'S') return 'spike';
  if (text === 'k' || text === 'K') return 'kill';
  if (text === 'c' || text === 'C') return 'cockroach';
  if (text === 'q' || text === 'Q' || text === '\x04') return 'quit';
  return undefined;
}
