import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

// Builds the package of the components into `dist/`: `npm run build:components`. The folders in it are those of the repository, so that the
// files which components read are found beside them in both.
const REPOSITORY = join(__dirname, '..');
const DIST = join(REPOSITORY, 'dist');

/** What components read when they run, by folder. */
const READ: Readonly<Record<string, RegExp>> = {
  sql: /\.sql$/,
  dashboards: /\.json$/,
  alerts: /(?<![._]test)\.yml$/,
};

rmSync(DIST, { recursive: true, force: true });
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
execFileSync(process.execPath, [tsc, '-p', join(__dirname, 'tsconfig.build.json')], { stdio: 'inherit' });
for (const file of readdirSync(DIST, { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.d.ts')) continue;
  // The compiler leaves the endings of imports in declarations, and no older compiler than 5.0 reads them.
  const text = readFileSync(join(DIST, file), 'utf8');
  writeFileSync(join(DIST, file), text.replace(/(from |import\()(['"])(\.[^'"]*)\.ts\2/g, '$1$2$3.js$2'));
}
for (const [folder, pattern] of Object.entries(READ)) {
  mkdirSync(join(DIST, folder), { recursive: true });
  for (const file of readdirSync(join(REPOSITORY, folder)))
    if (pattern.test(file)) cpSync(join(REPOSITORY, folder, file), join(DIST, folder, file));
}
