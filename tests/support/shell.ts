/** One command of a shell script. */
export interface ShellCommand {
  /** Without quotes. A `$(...)` or `<what to put here>` stays as it is. */
  readonly words: readonly string[];
  /** Counted from 1. */
  readonly line: number;
}

/** Words that stand before a command, or alone. */
const KEYWORDS = new Set(['if', 'then', 'else', 'fi', 'while', 'until', 'do', 'done', '!', '{', '}', 'time']);
const ASSIGNMENT = /^\w+\+?=/;

/** The commands of a script, also those within `$(...)`. As much of the shell's grammar as documentation uses. */
export function shellCommands(script: string): ShellCommand[] {
  return new Reader(script).read();
}

/** The functions that a script defines. */
export function shellFunctions(script: string): string[] {
  return [...script.matchAll(/^\s*(\w+)\(\) *\{/gm)].map(([, name]) => name ?? '');
}

class Reader {
  readonly #text: string;
  readonly #commands: ShellCommand[] = [];
  #at = 0;
  #line = 1;
  #words: string[] = [];
  #begun = 1;

  constructor(text: string, line = 1) {
    this.#text = text;
    this.#line = line;
  }

  read(): ShellCommand[] {
    while (this.#at < this.#text.length) this.#step();
    this.#end();
    return this.#commands;
  }

  #step(): void {
    const rest = this.#text.slice(this.#at);
    const take = (pattern: RegExp) => pattern.exec(rest)?.[0];
    const heredoc = /^<<-?\s*['"]?(\w+)['"]?([^\n]*\n)[\s\S]*?\n\s*\1(?=\n|$)/.exec(rest);
    const skipped =
      heredoc?.[0] ??
      take(/^(\\\n|[^\S\n]+)/) ??
      take(/^#[^\n]*/) ??
      take(/^\w+\(\) *\{/) ??
      // Redirections, with what they name. `<name>` is no redirection: it stands for something.
      take(/^(\d?>>?|\d?<)(?![a-z][^<>\n]*>)(&\d|[^\S\n]*[^\s;&|]+)/);
    if (skipped !== undefined) this.#advance(skipped);
    else {
      const operator = take(/^(\n|&&|\|\||[;&|()])/);
      if (operator !== undefined) {
        this.#end();
        this.#advance(operator);
      } else this.#word();
    }
  }

  #word(): void {
    if (this.#words.length === 0) this.#begun = this.#line;
    let word = '';
    for (;;) {
      const rest = this.#text.slice(this.#at);
      const [part] =
        /^(<[a-z][^<>\n]*>|'[^']*'|"(\\.|\$\([^)]*\)|[^"\\])*"|\$\((\([^)]*\)|[^()])*\)|\\[^\n]|[^\s;&|()<>'"\\]|[<>])/.exec(
          rest,
        ) ?? [];
      if (part === undefined) break;
      if (!part.startsWith("'")) this.#inner(part);
      this.#advance(part);
      word += /^['"]/.test(part) ? part.slice(1, -1) : part.replace(/^\\/, '');
    }
    this.#words.push(word);
  }

  #inner(part: string): void {
    for (const [, script = ''] of part.matchAll(/\$\(((?:\([^)]*\)|[^()])*)\)/g))
      this.#commands.push(...new Reader(script, this.#line).read());
  }

  #advance(part: string): void {
    this.#at += part.length;
    this.#line += part.split('\n').length - 1;
  }

  #end(): void {
    let words = this.#words;
    this.#words = [];
    while (words[0] !== undefined && (KEYWORDS.has(words[0]) || ASSIGNMENT.test(words[0])))
      words = words.slice(1);
    if (words.length > 0 && words[0] !== 'for') this.#commands.push({ words, line: this.#begun });
  }
}
