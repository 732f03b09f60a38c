import GithubSlugger from 'github-slugger';
import { lexer, type Token, walkTokens } from 'marked';

/** Something in a Markdown file, and the line it stands in (of a list or table: near it). */
export interface Found {
  readonly text: string;
  readonly line: number;
}

export interface CodeBlock extends Found {
  /** The first word after the fence; empty for an indented block. */
  readonly language: string;
}

/** What the tests read of a Markdown file. */
export interface Page {
  /** Targets of links and pictures. */
  readonly links: readonly Found[];
  /** What `#...` can name, as GitHub makes it from the headings. */
  readonly anchors: ReadonlySet<string>;
  readonly blocks: readonly CodeBlock[];
  /** Code within a sentence. */
  readonly spans: readonly Found[];
}

export function readMarkdown(markdown: string): Page {
  const slugger = new GithubSlugger();
  const links: Found[] = [];
  const anchors = new Set<string>();
  const blocks: CodeBlock[] = [];
  const spans: Found[] = [];
  let line = 1;
  for (const top of lexer(markdown)) {
    // Within a list the parser takes the indentation away, so the place is found again by the text.
    const lineOf = (text: string) => line + lineWithin(top.raw, text);
    walkTokens([top], (token) => {
      if (token.type === 'link' || token.type === 'image')
        links.push({ text: token.href, line: lineOf(token.raw) });
      else if (token.type === 'html') {
        for (const text of attributes(token.raw, 'href|src')) links.push({ text, line: lineOf(token.raw) });
        for (const name of attributes(token.raw, 'id|name')) anchors.add(name);
      } else if (token.type === 'heading') anchors.add(slugger.slug(plain(token.tokens ?? [])));
      else if (token.type === 'code')
        blocks.push({
          text: token.text,
          line: lineOf(token.text),
          language: (token.lang ?? '').split(/\s/)[0] ?? '',
        });
      else if (token.type === 'codespan')
        spans.push({ text: token.text.replace(/\s+/g, ' '), line: lineOf(token.raw) });
    });
    line += newlines(top.raw);
  }
  return { links, anchors, blocks, spans };
}

function attributes(html: string, names: string): string[] {
  return [...html.matchAll(new RegExp(`\\s(?:${names})="([^"]*)"`, 'g'))].map(([, value]) => value ?? '');
}

/** The text that a reader sees. */
function plain(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if (token.type === 'image' || token.type === 'html') return '';
      return 'tokens' in token && token.tokens !== undefined
        ? plain(token.tokens)
        : 'text' in token
          ? token.text
          : '';
    })
    .join('');
}

function lineWithin(raw: string, text: string): number {
  const first = text.split('\n')[0]?.trim() ?? '';
  return Math.max(
    0,
    raw.split('\n').findIndex((candidate) => candidate.includes(first)),
  );
}

function newlines(text: string): number {
  return text.split('\n').length - 1;
}
