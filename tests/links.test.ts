import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readMarkdown } from './support/markdown.ts';
import { markdownFiles, read, repositoryFiles } from './support/repository.ts';

/** Links of the page `from` that lead nowhere. Addresses of other sites are not asked for. */
function broken(from: string, markdown: string, files: ReadonlySet<string>, text = read): string[] {
  return readMarkdown(markdown).links.flatMap(({ text: target, line }) => {
    const problem = problemOf(target, from, markdown, files, text);
    return problem === null ? [] : [`${from}:${line}: ${target}: ${problem}`];
  });
}

function problemOf(
  target: string,
  from: string,
  markdown: string,
  files: ReadonlySet<string>,
  text: (path: string) => string,
): string | null {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return null;
  if (target.startsWith('/')) return 'it begins with /, which on GitHub is not the root of the repository';
  const [address = '', anchor] = target.split('#');
  const path =
    address === '' ? from : posix.join(posix.dirname(from), decodeURIComponent(address)).replace(/\/$/, '');
  const isFolder = path === '.' || [...files].some((file) => file.startsWith(`${path}/`));
  if (!files.has(path) && !isFolder) return `there is no ${path}`;
  if (anchor === undefined) return null;
  const lines = /^L(\d+)$/.exec(anchor);
  if (lines !== null)
    return Number(lines[1]) <= text(path).split('\n').length ? null : 'there is no such line';
  if (!path.endsWith('.md')) return 'only a Markdown file has headings';
  const { anchors } = readMarkdown(path === from ? markdown : text(path));
  return anchors.has(anchor) ? null : `there is no such heading; there are ${[...anchors].join(', ')}`;
}

describe('the Markdown files', () => {
  const files = repositoryFiles();

  it.each(markdownFiles(files))('%s: every relative link and anchor leads somewhere', (path) => {
    expect(broken(path, read(path), files)).toEqual([]);
  });

  it('are all reached from the README', () => {
    const reached = new Set(['README.md']);
    for (const from of reached)
      for (const { text } of readMarkdown(read(from)).links) {
        const path = posix.join(posix.dirname(from), text.split('#')[0] ?? '').replace(/\/$/, '');
        for (const page of [path, `${path}/README.md`])
          if (page.endsWith('.md') && files.has(page)) reached.add(page);
      }
    expect(markdownFiles(files).filter((path) => !reached.has(path) && !path.startsWith('.github/'))).toEqual(
      [],
    );
  });
});

describe('a broken link', () => {
  const files = new Set(['README.md', 'docs/a.md', 'sql/one.sql']);
  const text = () => '# One `two`: a-b\n\n# One `two`: a-b\n';
  const found = (markdown: string) => broken('README.md', markdown, files, text);

  it.each([
    '[x](docs/b.md)',
    '[x](docs/A.md)',
    '[x](docs/a.md#three)',
    '[x](#here)',
    '[x](sql/one.sql#one)',
    '[x](sql/one.sql#L9)',
    '[x](/docs/a.md)',
    '![x](pictures/x.png)',
    '- a\n\n  | b |\n  |---|\n  | [x][1] |\n\n[1]: ../docs/a.md',
    '<img src="x.png">',
  ])('is found: %s', (markdown) => {
    expect(found(markdown)).toHaveLength(1);
  });

  it.each([
    '[x](docs/a.md#one-two-a-b)',
    '[x](docs/a.md#one-two-a-b-1)',
    '[x](docs) [y](sql/) [z](docs/a.md)',
    '# Here\n\n[x](#here)',
    '[x](sql/one.sql#L2)',
    '`[x](nowhere.md)`',
    'https://example.org/x [x](https://example.org/y#z) [m](mailto:a@example.org)',
  ])('is not taken for one: %s', (markdown) => {
    expect(found(markdown)).toEqual([]);
  });

  it('is shown with its line', () => {
    expect(found('# A\n\ntext\n\n- one\n- [x](b.md)\n')).toEqual(['README.md:6: b.md: there is no b.md']);
  });
});
