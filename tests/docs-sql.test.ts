import { describe, expect, it } from 'vitest';
import { grantStatement } from '../components/workload.ts';
import { canParse, parse } from './support/grammar.ts';
import { readMarkdown } from './support/markdown.ts';
import { markdownFiles, read } from './support/repository.ts';

const hasGrammar = canParse('the SQL in the documentation');

/** Each SQL block, and each statement that a command line holds, with the file that it stands in. */
const FOUND = markdownFiles()
  .filter((file) => /^(docs|demo|diagrams|k8s|sql)\//.test(file))
  .flatMap((file) => {
    const { blocks } = readMarkdown(read(file));
    const typed = blocks.filter(({ language }) => ['', 'sh', 'console'].includes(language));
    return [
      ...blocks.filter(({ language }) => language === 'sql').map(({ text }) => ({ file, text })),
      ...typed.flatMap(({ text }) =>
        [...text.matchAll(/\bsql -e "([^"]+)"/g)].map(([, statement = '']) => ({ file, text: statement })),
      ),
    ];
  });

describe('the SQL in the documentation', () => {
  it('is there, in the runbooks and in the concept of phase 3', () => {
    const files = new Set(FOUND.map(({ file }) => file));
    for (const file of ['docs/phase3.md', 'docs/runbooks/restore.md', 'docs/runbooks/backup-schedule.md'])
      expect(files).toContain(file);
    expect(FOUND.length).toBeGreaterThan(15);
  });

  it('removes no data: nothing is dropped but a schedule', () => {
    for (const { file, text } of FOUND) {
      const removed = text.match(/\b(DROP|TRUNCATE|DELETE FROM|DISCARD)\b\s*\w*/gi) ?? [];
      expect(
        removed.filter((found) => found !== 'DROP SCHEDULES'),
        file,
      ).toEqual([]);
      expect(text, file).not.toMatch(/PASSWORD\s+'(?!<)/i);
    }
  });

  it('asks for none of the tables that CockroachDB has closed since 26.1', () => {
    for (const { file, text } of FOUND) expect(text, file).not.toMatch(/crdb_internal|\bsystem\.\w/);
  });

  it('gives the load its rights back after a restore', () => {
    const restore = FOUND.filter(({ file }) => file === 'docs/runbooks/restore.md').map(({ text }) => text);
    const grant = grantStatement({ kind: 'tpcc', warehouses: 1, rate: 1 });
    expect(restore.join('\n')).toContain(`${grant};`);
  });

  it.skipIf(!hasGrammar)("parses under CockroachDB's grammar", { timeout: 120_000 }, async () => {
    const wrong = await parse(FOUND.map(({ text }) => text));
    expect(wrong).toMatch(/^\d+ parsed, 0 not\n$/);
  });

  it.skipIf(!hasGrammar)(
    'is judged: what CockroachDB does not have is found',
    { timeout: 60_000 },
    async () => {
      expect(await parse(['SHOW SURVIVAL GAOL FROM DATABASE evolution'])).toMatch(/does not parse/);
    },
  );
});
