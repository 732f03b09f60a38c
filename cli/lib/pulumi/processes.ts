import { execFileSync } from 'node:child_process';
import { hostname } from 'node:os';

/** This process among the others of its machine. */
export interface Machine {
  readonly pid: number;
  readonly hostname: string;
  looksLike(pid: number, command: RegExp): boolean;
}

export const THIS_MACHINE: Machine = {
  pid: process.pid,
  hostname: hostname(),
  looksLike: (pid, command) => processLooksLike(pid, command),
};

/** Whether a process lives, and its command line looks as it should: numbers are given again to other processes. */
export function processLooksLike(pid: number, command: RegExp): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  try {
    const [state = '', ...words] = execFileSync('ps', ['-o', 'stat=', '-o', 'args=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .trim()
      .split(/\s+/);
    // A zombie has ended, and waits for its parent to notice.
    return !state.startsWith('Z') && command.test(words.join(' '));
  } catch {
    // Without ps, that it lives is all that is known.
    return true;
  }
}

/** Every process below this one whose command line looks like that. */
export function descendants(pid: number, command = /^/): number[] {
  const all = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8', maxBuffer: 1 << 26 })
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [, own, parent, args = ''] = /^\s*(\d+)\s+(\d+)\s(.*)$/.exec(line) ?? [];
      return own === undefined ? [] : [{ pid: Number(own), parent: Number(parent), args }];
    });
  const below = (parent: number): typeof all =>
    all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
  return below(pid)
    .filter(({ args }) => command.test(args))
    .map((one) => one.pid);
}
