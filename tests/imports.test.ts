import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';
import { projectFiles } from './support/checkout.ts';
import { ROOT } from './support/repository.ts';

// A folder's files belong together. These hold files that each stand for themselves: what puts parts together, and what all parts share.
const LOOSE = ['.', 'sql', 'app/src', 'app/ui', 'components', 'cli', 'cli/commands', 'cli/lib'];

const sources = projectFiles().filter(
  (file) => /\.ts$/.test(file) && !/\.test(ing)?\.ts$/.test(file) && !/^(tests|bench)\//.test(file),
);
const unitOf = (file: string) => (LOOSE.includes(dirname(file)) ? file : dirname(file));

/** Each unit, and those that it imports. */
function imports(): Map<string, Set<string>> {
  const edges = new Map<string, Set<string>>();
  for (const file of sources) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    for (const [, specifier = ''] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
      const [from, to] = [unitOf(file), unitOf(normalize(join(dirname(file), specifier)))];
      if (from !== to) edges.set(from, (edges.get(from) ?? new Set()).add(to));
    }
  }
  return edges;
}

/** What leads back to where it began; undefined when nothing does. */
function cycle(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>();
  const follow = (unit: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(unit)) return [...path.slice(path.indexOf(unit)), unit];
    if (done.has(unit)) return undefined;
    for (const next of edges.get(unit) ?? []) {
      const found = follow(next, [...path, unit]);
      if (found !== undefined) return found;
    }
    done.add(unit);
    return undefined;
  };
  for (const unit of edges.keys()) {
    const found = follow(unit, []);
    if (found !== undefined) return found;
  }
  return undefined;
}

it('finds a folder that imports one that imports it', () => {
  const edges = new Map([
    ['a', new Set(['b'])],
    ['b', new Set(['c'])],
    ['c', new Set(['b'])],
  ]);
  expect(cycle(edges)).toEqual(['b', 'c', 'b']);
});

it('no folder imports one that imports it', () => {
  expect(sources.length).toBeGreaterThan(300);
  expect(cycle(imports())).toBeUndefined();
});
