import { spawn } from 'node:child_process';

/** What opens an address in the browser of this machine, by its platform. */
const OPENERS: Partial<Record<NodeJS.Platform, string>> = { darwin: 'open', linux: 'xdg-open' };

/** Opens an address in the browser. Resolves with the problem, or null. */
export function openInBrowser(url: string): Promise<string | null> {
  const command = OPENERS[process.platform];
  if (command === undefined) return Promise.resolve('this system has no command for it that is known here');
  return new Promise((resolve) => {
    const child = spawn(command, [url], { stdio: 'ignore', detached: true });
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code) => resolve(code === 0 ? null : `${command} ended with ${code}`));
    // A browser that it started itself, and that stays.
    setTimeout(() => resolve(null), 5000).unref();
    child.unref();
  });
}
