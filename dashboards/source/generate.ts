import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { files } from './dashboards.ts';

new Command('dashboards')
  .description(
    'write the dashboards, their pictures and optional/prometheusrule.yaml again, from dashboards/source',
  )
  .showHelpAfterError('Next: npm run dashboards -- --help')
  .parse();
for (const [path, content] of Object.entries(files())) {
  const file = join(__dirname, '..', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
