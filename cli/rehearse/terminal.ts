import picocolors from 'picocolors';

/** What the presenter reads. */
export class Terminal {
  readonly #write: (text: string) => void;
  readonly #color: ReturnType<typeof picocolors.createColors>;

  /** `color`: undefined decides by the terminal and NO_COLOR. */
  constructor(color?: boolean, write = (text: string) => void process.stdout.write(text)) {
    this.#write = write;
    this.#color = picocolors.createColors(color ?? picocolors.isColorSupported);
  }

  line(text = ''): void {
    this.#write(`${text}\n`);
  }

  quiet(text: string): void {
    this.line(this.#color.dim(text));
  }

  /** The one line that must not be missed. */
  address(text: string, url: string): void {
    this.line(`${this.#color.bold(text)} ${this.#color.bold(this.#color.cyan(url))}`);
  }

  heading(text: string): void {
    this.line(`\n${this.#color.bold(`== ${text} `.padEnd(78, '='))}`);
  }

  /** A titled list; nothing when there is nothing in it. */
  list(title: string, lines: readonly string[], mark = '-'): void {
    if (lines.length === 0) return;
    this.line(`\n${this.#color.bold(title)}`);
    for (const text of lines) this.line(`  ${mark} ${text.replaceAll('\n', '\n    ')}`);
  }

  warning(text: string): void {
    this.line(this.#color.yellow(text));
  }

  good(text: string): void {
    this.line(this.#color.green(text));
  }

  bad(text: string): void {
    this.line(this.#color.red(text));
  }

  /** Columns padded to their widest cell; the first is text, the others are figures. */
  table(rows: readonly (readonly string[])[]): void {
    const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
    const pad = (cell: string, i: number) =>
      i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0);
    rows.forEach((row, index) => {
      const text = row.map(pad).join('  ');
      this.line(index === 0 ? this.#color.bold(text) : text);
    });
  }
}
