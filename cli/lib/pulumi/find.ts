import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cliError } from '../errors.ts';

/** The Pulumi CLI of this machine. */
export interface Cli {
  /** What is run. */
  readonly file: string;
  /** How the user types it. */
  readonly shown: 'pulumi' | 'npx pulumi';
  readonly version: string;
}

/** `pulumi state move` has been there since 3.115. */
const OLDEST = [3, 115];

/** The `pulumi` of the PATH, or else the one of the npm package, which fetches itself when it is first used. Throws EVO-101. */
export function findCli(directory: string): Cli {
  const npm = join(directory, 'node_modules', '.bin');
  // `npm run` puts the folders of npm packages in front of the PATH.
  const folders = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((f) => !f.endsWith(join('node_modules', '.bin')));
  const own = folders.map((folder) => join(folder, 'pulumi')).find(isExecutable);
  const candidates = [
    ...(own === undefined ? [] : [{ file: own, shown: 'pulumi' as const }]),
    { file: join(npm, 'pulumi'), shown: 'npx pulumi' as const },
  ];
  const problems: string[] = [];
  for (const candidate of candidates) {
    try {
      const version = versionOf(candidate.file);
      if (isNewEnough(version)) return { ...candidate, version };
      problems.push(`${candidate.file} is version ${version}, and ${OLDEST.join('.')} or newer is needed`);
    } catch (error) {
      problems.push(`${candidate.file}: ${lastWords(error as Error & { stderr?: string })}`);
    }
  }
  throw cliError('EVO-101', { problem: problems.join('; ') });
}

function versionOf(file: string): string {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: '1' };
  return execFileSync(file, ['version'], { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] })
    .trim()
    .replace(/^v/, '');
}

/** What the program said last says more than that it failed. */
function lastWords({ message, stderr = '' }: Error & { stderr?: string }): string {
  return stderr.trim().split('\n').at(-1) || (message.split('\n')[0] ?? '');
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const [oldMajor = 0, oldMinor = 0] = OLDEST;
  return major > oldMajor || (major === oldMajor && minor >= oldMinor);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
