import picocolors from 'picocolors';
import { tableLines, wrap } from './table.ts';

/** When the width of the screen is unknown. */
const COLUMNS = 80;

/** Prints what the user reads. */
export class Terminal {
  readonly #write: (text: string) => void;
  /** The width of the screen. Lines of piped output are not broken. */
  readonly #columns: number;
  readonly #onScreen: boolean;
  readonly #color: ReturnType<typeof picocolors.createColors>;

  /** `color`: undefined decides by the terminal and NO_COLOR. */
  constructor(color?: boolean, write = (text: string) => void process.stdout.write(text)) {
    this.#write = write;
    this.#columns = process.stdout.columns || COLUMNS;
    this.#onScreen = process.stdout.isTTY === true;
    this.#color = picocolors.createColors(color ?? picocolors.isColorSupported);
  }

  line(text = ''): void {
    this.#lines(text, (line) => line);
  }

  quiet(text: string): void {
    this.#lines(text, this.#color.dim);
  }

  /** The most important line. */
  address(text: string, url: string): void {
    this.#write(`${this.#color.bold(text)} ${this.#color.bold(this.#color.cyan(url))}\n`);
  }

  heading(text: string): void {
    this.#write(`\n${this.#color.bold(`== ${text} `.padEnd(78, '='))}\n`);
  }

  /** A titled list; nothing when it is empty. */
  list(title: string, lines: readonly string[], mark = '-'): void {
    if (lines.length === 0) return;
    this.#write(`\n${this.#color.bold(title)}\n`);
    for (const text of lines)
      this.#write(`  ${mark} ${this.#broken(text, 4, mark === '$').join('\n    ')}\n`);
  }

  warning(text: string): void {
    this.#lines(text, this.#color.yellow);
  }

  good(text: string): void {
    this.#lines(text, this.#color.green);
  }

  bad(text: string): void {
    this.#lines(text, this.#color.red);
  }

  /** The first column is text, the others are numbers. Breaks between words where the terminal is too narrow. */
  table(rows: readonly (readonly string[])[]): void {
    for (const { text, head } of tableLines(rows, this.#columns))
      this.#write(`${head ? this.#color.bold(text) : text}\n`);
  }

  #lines(text: string, color: (line: string) => string): void {
    for (const line of this.#broken(text, 0, text.startsWith('$ '))) this.#write(`${color(line)}\n`);
  }

  /** The text as lines; on a screen, they are broken between words. Commands are left whole, to be copied. */
  #broken(text: string, indent: number, whole = false): string[] {
    const lines = text.split('\n');
    if (whole || !this.#onScreen) return lines;
    return lines.flatMap((line) => (line === '' ? [''] : wrap(line, this.#columns - indent)));
  }
}
