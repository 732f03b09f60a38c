import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cliError } from '../errors.ts';
import { APP } from './paths.ts';
import { CommandFailed, run } from './processes.ts';

/** Builds the page unless it is there and newer than its sources. Returns whether it did. */
export async function buildPage(app = APP): Promise<boolean> {
  const built = join(app, 'ui', 'dist', 'index.html');
  const sources = [join(app, 'ui'), join(app, 'src')];
  if (existsSync(built) && statSync(built).mtimeMs >= Math.max(...sources.map(newest))) return false;
  const vite = findVite(app);
  try {
    const args = [join(dirname(vite), 'bin', 'vite.js'), 'build', 'ui', '--logLevel', 'warn'];
    await run(process.execPath, args, { cwd: app });
  } catch (error) {
    const output = error instanceof CommandFailed ? error.output : String(error);
    throw cliError('EVO-941', {
      problem: output,
      next: 'npm run build:ui --workspace app shows the same error; fix it, then run the same command again',
    });
  }
  return true;
}

/** When a file below the directory was last changed; what was built or is a test does not count. */
function newest(directory: string): number {
  const times = readdirSync(directory, { withFileTypes: true }).map((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === 'dist' ? 0 : newest(path);
    return entry.name.endsWith('.test.ts') ? 0 : statSync(path).mtimeMs;
  });
  return Math.max(0, ...times);
}

function findVite(app: string): string {
  try {
    return createRequire(join(app, 'package.json')).resolve('vite/package.json');
  } catch {
    throw cliError('EVO-941', {
      problem:
        'vite, a package for development, is not installed. "npm ci" leaves it out with NODE_ENV=production and --omit=dev',
      next: 'npm ci --include=dev',
    });
  }
}
