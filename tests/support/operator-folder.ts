import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Has the kustomization of the operator in a folder take the published files from OPERATOR_MANIFESTS, in place of their addresses. */
export function withLocalFiles(folder: string, published: string): void {
  const file = join(folder, 'kustomization.yaml');
  const text = readFileSync(file, 'utf8');
  const local = text.replace(/^( +- )https:\S+\/(\w+\.yaml)$/gm, '$1$2');
  const names = [...local.matchAll(/^ +- (\w+\.yaml)$/gm)].map(([, name]) => name ?? '');
  if (names.length !== 2) throw new Error(`${file} names no two files by their address`);
  for (const name of names) cpSync(join(published, name), join(folder, name));
  writeFileSync(file, local);
}
