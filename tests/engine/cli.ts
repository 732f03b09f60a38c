import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { descendants } from '../../cli/lib/pulumi/processes.ts';
import { type EngineProject, KUBECONFIG } from './project.ts';

export interface Ran {
  readonly code: number | null;
  /** All that it wrote. */
  readonly output: string;
  readonly stdout: string;
}

/** Where a run is killed. */
export interface Kill {
  /** What it must have written. */
  readonly after: RegExp;
  /** A file that must have changed after that. */
  readonly file?: string;
  /** Milliseconds to wait then. */
  readonly delay?: number;
  /**
   * `tree`: with every process that it started, as when the machine dies. `cli`: it alone; what it started lives on.
   * `interrupt`: no kill, but Ctrl-C; the run ends by itself.
   */
  readonly what: 'tree' | 'cli' | 'interrupt';
}

/**
 * Runs the command line of the project's copy. With `kill`, it gets SIGKILL there; throws when it ended before that. `onOutput` is given
 * all that it has written so far, each time that there is more.
 */
export async function runCli(
  project: EngineProject,
  args: readonly string[],
  kill?: Kill,
  onOutput: (output: string) => void = () => {},
): Promise<Ran> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'cli/main.ts', ...args, '--no-color'], {
    cwd: project.directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...(KUBECONFIG === undefined ? {} : { KUBECONFIG }),
      PULUMI_CONFIG_PASSPHRASE: 'test',
      NO_COLOR: '1',
    },
  });
  let output = '';
  let stdout = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += String(chunk);
      onOutput(output);
    });
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  if (kill === undefined) {
    const code = await new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
    return { code, output, stdout };
  }
  // What it started may live on, and hold its output open.
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  const killed = await Promise.race([
    ended.then(() => false),
    untilThere(kill, () => output, child).then(() => {
      end(child, kill.what);
      return true;
    }),
  ]);
  if (!killed) throw new Error(`It ended before ${kill.after} was to be seen:\n${output}`);
  return { code: await ended, output, stdout };
}

async function untilThere(kill: Kill, output: () => string, child: ChildProcess): Promise<void> {
  const changed = () => (kill.file !== undefined && existsSync(kill.file) ? statSync(kill.file).mtimeMs : 0);
  const before = changed();
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  while (!kill.after.test(output())) {
    if (child.exitCode !== null) return new Promise(() => {});
    await pause(10);
  }
  while (kill.file !== undefined && changed() === before && child.exitCode === null) await pause(1);
  await pause(kill.delay ?? 0);
}

function end(child: ChildProcess, what: Kill['what']): void {
  const pid = child.pid;
  if (pid === undefined) return;
  if (what === 'interrupt') {
    process.kill(pid, 'SIGINT');
    return;
  }
  // The first one first, so that it cannot react to the end of the others.
  for (const one of what === 'tree' ? [pid, ...descendants(pid)] : [pid])
    try {
      process.kill(one, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
}
