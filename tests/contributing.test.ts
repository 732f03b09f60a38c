import { describe, expect, it } from 'vitest';
import { read, repositoryFiles } from './support/repository.ts';

const CONTRIBUTING = read('CONTRIBUTING.md');
const FILES = [...repositoryFiles()];

/** The first cells of the rows of the table whose header begins with this. */
function firstCells(header: string): string[] {
  const [, table = ''] = CONTRIBUTING.split(`| ${header} | what |\n`);
  const rows = (table.split('\n\n')[0] ?? '').split('\n').slice(1);
  return rows.map((row) => row.split(' | ')[0] ?? '');
}

const named = (cells: readonly string[]) =>
  cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name.replace(/\/$/, '')));
const exists = (path: string) => FILES.some((file) => file === path || file.startsWith(`${path}/`));
const foldersIn = (folder: string) => [
  ...new Set(
    FILES.filter((file) => file.startsWith(folder)).flatMap((file) => {
      const [first = '', ...rest] = file.slice(folder.length).split('/');
      return rest.length > 0 && !first.startsWith('.') ? [first] : [];
    }),
  ),
];

describe('the map in CONTRIBUTING', () => {
  const map = named(firstCells('where'));
  const shared = named(firstCells('in `cli/lib/`'));

  it('names only what exists', () => {
    expect(map.length).toBeGreaterThan(10);
    expect(map.filter((path) => !exists(path))).toEqual([]);
    expect(shared.filter((name) => !exists(`cli/lib/${name}`))).toEqual([]);
  });

  it('names each folder at the top, and each folder that commands share', () => {
    const tops = new Set(map.map((path) => path.split('/')[0]));
    expect(foldersIn('').filter((folder) => !tops.has(folder))).toEqual([]);
    expect(foldersIn('cli/lib/').filter((folder) => !shared.includes(folder))).toEqual([]);
  });

  it('names the file for what a newcomer looks for first', () => {
    for (const [cell, file] of [
      ['demo/kind.yaml', 'cli/commands/demo/kind.yaml'],
      ['demo/demo.ts', 'cli/commands/demo/demo.ts'],
      ['terminal.ts', 'cli/ui/terminal.ts'],
      ['manifests.ts', 'components/operator/manifests.ts'],
      ['backup.ts', 'components/database/backup.ts'],
      ['postgres/', 'cli/lib/postgres'],
    ] as const) {
      expect(CONTRIBUTING).toContain(`\`${cell}\``);
      expect(exists(file), file).toBe(true);
    }
  });
});
