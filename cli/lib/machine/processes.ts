import { execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process by its id and start time, so that a later process with the same id is not mistaken for it. */
export interface ProcessRef {
  readonly pid: number;
  readonly started: string;
}

/** Null when no process has this id. */
export function processRef(pid: number): ProcessRef | null {
  const started = process.platform === 'linux' ? startedOnLinux(pid) : startedByPs(pid);
  return started === null ? null : { pid, started };
}

export function isRunning(ref: ProcessRef): boolean {
  return processRef(ref.pid)?.started === ref.started;
}

/** Asks the process, and its group, to end, waits, and kills it when it has not ended after `timeoutMs`. Does nothing when it is gone. */
export async function endProcess(ref: ProcessRef, signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
  for (const [next, waitMs] of [[signal, timeoutMs] as const, ['SIGKILL', 2_000] as const]) {
    if (!isRunning(ref)) return;
    signalGroup(ref.pid, next);
    const deadline = Date.now() + waitMs;
    while (isRunning(ref) && Date.now() < deadline) await sleep(20);
  }
}

/** Sends a signal to a process or, if it leads a group, to the whole group: the processes that it started. Does nothing when it is gone. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch {
      // It leads no group, or it has ended in between.
    }
  }
}

/** Kills what is left of the group of a process that has just ended. */
export function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nothing is left of it.
  }
}

export class CommandFailed extends Error {
  readonly output: string;
  readonly code: string | undefined;

  constructor(command: string, how: string, output: string, code?: string) {
    super(`${command} ${how}`);
    this.output = output.trim();
    this.code = code;
  }
}

/**
 * Runs a command to its end and returns what it wrote to both outputs. Throws CommandFailed.
 *
 * It gets its own process group, so that Ctrl-C in the terminal reaches this process only, which then stops everything in order.
 * When `signal` is aborted, the group is killed.
 */
export function run(
  command: string,
  args: readonly string[],
  { signal, ...options }: SpawnOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options, detached: true });
    const abort = () => child.pid !== undefined && signalGroup(child.pid, 'SIGKILL');
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += String(chunk);
    });
    child.stderr?.on('data', (chunk) => {
      output += String(chunk);
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(new CommandFailed(command, `could not run: ${error.message}`, output, error.code));
    });
    child.once('close', (code, ending) => {
      signal?.removeEventListener('abort', abort);
      if (code === 0) resolve(output);
      else reject(new CommandFailed(command, `ended with ${ending ?? `exit code ${code}`}`, output));
    });
  });
}

/** The start time in clock ticks since boot; a zombie counts as gone. */
function startedOnLinux(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets, which may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function startedByPs(pid: number): string | null {
  try {
    const args = ['-o', 'lstart=', '-p', String(pid)];
    return execFileSync('ps', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || null;
  } catch {
    return null;
  }
}
