import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** Files of the project, as git would commit them now. */
export function projectFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return listed
    .trim()
    .split('\n')
    .filter((file) => existsSync(join(ROOT, file)));
}

/** Copies the project to a folder, where a test may do to its files what a user does. Its packages are linked. */
export function copyProject(directory: string): void {
  for (const file of projectFiles()) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    cpSync(join(ROOT, file), join(directory, file));
  }
  for (const packages of ['node_modules', 'app/node_modules', 'jobs/node_modules'])
    if (existsSync(join(ROOT, packages))) symlinkSync(join(ROOT, packages), join(directory, packages));
}

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command of the project as `npm run` does, in a copy of it, and without a terminal. */
export const runCommand = (
  directory: string,
  args: readonly string[],
  env: Environment = {},
  user: User = {},
) => runScript(directory, ['cli/main.ts', ...args], env, user);

export type Environment = Readonly<Record<string, string | undefined>>;

/** Who runs it. @default who runs the test */
export interface User {
  readonly uid?: number;
  readonly gid?: number;
}

/** Runs a TypeScript file there, with its arguments. */
export function runScript(
  directory: string,
  args: readonly string[],
  env: Environment = {},
  user: User = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', ...args],
      { cwd: directory, env: { ...process.env, ...env }, ...user },
      (error, out, err) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
    child.stdin?.end();
  });
}
