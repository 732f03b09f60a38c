import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { TABLES } from '../components/workload.ts';
import { STATE_TABLE } from '../components/workload-init.ts';
import { readMarkdown } from './support/markdown.ts';
import { markdownFiles, ROOT, read } from './support/repository.ts';

// CockroachDB's own grammar, where it can be had: a program that takes files and exits 0 when all of them parse.
const GRAMMAR = resolve(process.env.CRDB_SQL ?? join(ROOT, '..', 'shared', 'oracles', 'crdb-sql'));
const canParse = existsSync(GRAMMAR);
if (!canParse)
  console.warn(
    `SKIPPED: whether the SQL in docs/ and demo/ parses under CockroachDB's grammar. Not found: ${GRAMMAR} (CRDB_SQL)`,
  );
const run = promisify(execFile);

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

  it('gives each table of the load back to its owner after a restore', () => {
    const restore = FOUND.filter(({ file }) => file === 'docs/runbooks/restore.md').map(({ text }) => text);
    const owned = [...restore.join('\n').matchAll(/^ALTER TABLE (\S+) OWNER TO loadgen;$/gm)];
    expect(owned.map(([, table]) => table).sort()).toEqual([...TABLES.tpcc, STATE_TABLE].sort());
  });

  it.skipIf(!canParse)("parses under CockroachDB's grammar", { timeout: 120_000 }, async () => {
    const wrong = await parse(FOUND.map(({ text }) => text).join(';\n'));
    expect(wrong).toMatch(/^\d+ parsed, 0 not\n$/);
  });

  it.skipIf(!canParse)(
    'is judged: what CockroachDB does not have is found',
    { timeout: 60_000 },
    async () => {
      expect(await parse('SHOW SURVIVAL GAOL FROM DATABASE evolution')).toMatch(/does not parse/);
    },
  );
});

/** What the grammar says, whatever it exits with. */
async function parse(sql: string): Promise<string> {
  const { stdout } = await run(GRAMMAR, ['-e', sql]).catch((error) => error);
  return stdout;
}
