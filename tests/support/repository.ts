import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '../..');

/**
 * Every file of the repository by its path, without what .gitignore names. Read from the disk, not from git: an archive of the
 * repository has none.
 */
export function repositoryFiles(): ReadonlySet<string> {
  const ignored = ignoredBy(readFileSync(join(ROOT, '.gitignore'), 'utf8'));
  const walk = (folder: string): string[] =>
    readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.name === '.git' || path === '.state/.pulumi' || ignored(path, entry.isDirectory())) return [];
      return entry.isDirectory() ? walk(path) : [path];
    });
  return new Set(walk(''));
}

export function markdownFiles(files = repositoryFiles()): string[] {
  return [...files].filter((path) => path.endsWith('.md')).sort();
}

export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Names, `*.ending`, `folder/` and `/from/the/root/`: what .gitignore here consists of. */
function ignoredBy(gitignore: string): (path: string, folder: boolean) => boolean {
  const rules = gitignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return (path, folder) =>
    rules.some((rule) => {
      if (rule.endsWith('/') && !folder) return false;
      const pattern = rule.replace(/\/$/, '');
      if (pattern.startsWith('/')) return path === pattern.slice(1);
      const name = path.slice(path.lastIndexOf('/') + 1);
      return pattern.startsWith('*') ? name.endsWith(pattern.slice(1)) : name === pattern;
    });
}
