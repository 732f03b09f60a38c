import { type Found, readMarkdown } from './markdown.ts';
import { markdownFiles, read } from './repository.ts';
import { type ShellCommand, shellCommands, shellFunctions } from './shell.ts';

/** A command that a Markdown file tells the reader to type. */
export interface Documented extends ShellCommand {
  readonly file: string;
  /** Recorded from a terminal, with the names of the cluster that it was recorded on. */
  readonly recorded: boolean;
  /** Functions of the shell that the file defines. */
  readonly functions: readonly string[];
  /** Stacks that the file has the reader make. */
  readonly stacks: readonly string[];
}

/** Languages of blocks that hold commands. `console` is a terminal: what follows `$ ` was typed, all else is output. */
const SHELLS = new Set(['', 'sh', 'bash', 'shell']);
/** Code in a sentence that begins so is a command. */
const PROGRAMS = /^(npm|npx|pulumi|kubectl|docker|kind|node) \S/;

export function documentedCommands(files = markdownFiles()): Documented[] {
  return files.flatMap((file) => commandsOf(file, read(file)));
}

export function commandsOf(file: string, markdown: string): Documented[] {
  const { blocks, spans } = readMarkdown(markdown);
  const shells = blocks.filter(({ language }) => SHELLS.has(language));
  const typed = blocks.filter(({ language }) => language === 'console').flatMap(typedLines);
  const quoted = spans.filter(({ text }) => PROGRAMS.test(text));
  const functions = shells.flatMap(({ text }) => shellFunctions(text));
  const found = [
    ...[...shells, ...quoted].map((part) => ({ ...part, recorded: false })),
    ...typed.map((part) => ({ ...part, recorded: true })),
  ];
  const stacks = stacksMade(markdown);
  return found.flatMap(({ text, line, recorded }) =>
    shellCommands(text).map((command) => ({
      words: command.words,
      line: line + command.line - 1,
      file,
      recorded,
      functions,
      stacks,
    })),
  );
}

function typedLines({ text, line }: Found): Found[] {
  return text
    .split('\n')
    .flatMap((content, i) => (content.startsWith('$ ') ? [{ text: content.slice(2), line: line + i }] : []));
}

function stacksMade(markdown: string): string[] {
  return [...markdown.matchAll(/stack init ([\w-]+)|Pulumi\.([\w-]+)\.yaml/g)].map(
    ([, made, file]) => made ?? file ?? '',
  );
}
