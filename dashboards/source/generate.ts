import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { files } from './dashboards.ts';

// `npm run dashboards`: writes the JSON and the pictures again.
for (const [path, content] of Object.entries(files())) {
  const file = join(__dirname, '..', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
