import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../lib/machine/folders.ts';
import type { File } from './manifests.ts';

/** Makes the folder hold these files and no others of their kinds. */
export function writeFolder(folder: string, files: readonly File[]): void {
  makeFolder(folder);
  for (const name of rendered(folder))
    if (!files.some((file) => file.name === name)) rmSync(join(folder, name));
  for (const { name, text } of files) writeFileSync(join(folder, name), text);
}

/** How the folder differs from these files; empty when it does not. */
export function folderProblems(folder: string, files: readonly File[]): string[] {
  const there = rendered(folder);
  return [
    ...files.flatMap(({ name, text }) => {
      if (!there.includes(name)) return [`${join(folder, name)} is missing`];
      return readFileSync(join(folder, name), 'utf8') === text ? [] : [`${join(folder, name)} differs`];
    }),
    ...there
      .filter((name) => !files.some((file) => file.name === name))
      .map((name) => `${join(folder, name)} is not made by the program`),
  ];
}

function rendered(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => /\.(yaml|sql)$/.test(name)) : [];
}
