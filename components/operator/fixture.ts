import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** For tests: the operator's two files as published, from beside the repository; undefined on a machine without. */
export const FIXTURE = read(join(__dirname, '../../../shared/fixtures/cockroach-operator'));

function read(directory: string) {
  if (!existsSync(directory)) {
    console.warn(`SKIPPED: no copy of the operator's manifests in ${directory}`);
    return undefined;
  }
  const file = (name: string) => readFileSync(join(directory, name), 'utf8');
  return { definitions: file('crds.yaml'), operator: file('operator.yaml') };
}
