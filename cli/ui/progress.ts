import type { Terminal } from './terminal.ts';

const QUIET_MS = 15_000;

/** Lines of events, and below them one status line: overwritten in a terminal, repeated now and then elsewhere. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #out: NodeJS.WriteStream;
  readonly #live: boolean;
  readonly #start = Date.now();
  readonly #timer: NodeJS.Timeout;
  #stage = '';
  #cluster = '';
  #said = { text: '', at: 0 };

  constructor(terminal: Terminal, out: NodeJS.WriteStream) {
    this.#terminal = terminal;
    this.#out = out;
    this.#live = out.isTTY === true;
    this.#timer = setInterval(() => this.#show(), this.#live ? 500 : 1000);
  }

  /** The current stage, e.g. `replication`. */
  stage(name: string): void {
    this.#stage = name;
  }

  /** The state of the cluster. */
  cluster(line: string): void {
    this.#cluster = line;
  }

  line(text: string): void {
    this.#clear();
    this.#terminal.line(text);
    this.#show();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  get #text(): string {
    const seconds = Math.round((Date.now() - this.#start) / 1000);
    return [`${seconds} s`, this.#stage, this.#cluster].filter((part) => part !== '').join(' | ');
  }

  #show(): void {
    if (this.#live) {
      const width = (this.#out.columns ?? 80) - 1;
      this.#out.write(`\r\x1b[K${this.#text.slice(0, width)}`);
      return;
    }
    const state = `${this.#stage} | ${this.#cluster}`;
    const changed = state !== this.#said.text && Date.now() - this.#said.at > 3000;
    if (this.#cluster === '' || !(changed || Date.now() - this.#said.at > QUIET_MS)) return;
    this.#said = { text: state, at: Date.now() };
    this.#terminal.line(`   ${this.#text}`);
  }

  #clear(): void {
    if (this.#live) this.#out.write('\r\x1b[K');
  }
}
