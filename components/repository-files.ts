import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const REPOSITORY = join(__dirname, '..');

/**
 * The files of a folder of this repository by name, sorted, for a ConfigMap: those that end in `suffix`, tests
 * (`x.test.yml`) excepted. Empty when there is no such folder.
 */
export function repositoryFiles(folder: string, suffix: string): Record<string, string> {
  const path = join(REPOSITORY, folder);
  if (!existsSync(path)) return {};
  const names = readdirSync(path).filter((name) => name.endsWith(suffix) && !/[._]test\./.test(name));
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(path, name), 'utf8')]));
}
