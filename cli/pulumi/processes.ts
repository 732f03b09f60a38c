import { execFileSync } from 'node:child_process';

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
