import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Interrupts } from '../../ui/stop.ts';
import type { Terminal } from '../../ui/terminal.ts';
import { type CliError, cliError } from '../errors.ts';
import { shellQuoted } from '../machine/shell.ts';
import type { Cli } from './find.ts';
import { descendants } from './processes.ts';

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Whether the command is printed. @default true */
  readonly shown?: boolean;
  /** Flags that are for this program and not for the user, e.g. where events are written. */
  readonly plumbing?: readonly string[];
  /** Environment beyond this process's own. Printed before the command. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with what the command writes, while it runs. */
  readonly onText?: (text: string) => void;
  /** Where stdout is written, and kept. @default a file that is removed */
  readonly log?: string;
  /** Whether Ctrl-C reaches the command. State commands take seconds and are let finish. @default false */
  readonly interruptible?: boolean;
}

/** What a run of commands has in common. */
export interface Session {
  readonly interrupts: Interrupts;
  /** Told which process is at work now; undefined when none is. */
  onChild?: (pid: number | undefined) => void;
}

const POLL_MS = 100;

/** Runs the Pulumi CLI and prints each command as the user could type it. */
export class Pulumi {
  readonly #cli: Cli;
  readonly #directory: string;
  readonly #terminal: Terminal;
  readonly #env: Readonly<Record<string, string>>;
  readonly #session: Session;

  /** `env` is printed before every command, e.g. another backend. */
  constructor(
    cli: Cli,
    directory: string,
    terminal: Terminal,
    session: Session = { interrupts: new Set() },
    env: Readonly<Record<string, string>> = {},
  ) {
    this.#cli = cli;
    this.#directory = directory;
    this.#terminal = terminal;
    this.#env = env;
    this.#session = session;
  }

  get directory(): string {
    return this.#directory;
  }

  /** The same, with more of the environment. */
  with(env: Readonly<Record<string, string>>): Pulumi {
    return new Pulumi(this.#cli, this.#directory, this.#terminal, this.#session, { ...this.#env, ...env });
  }

  /** The command as text. */
  text(args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
    const variables = Object.entries({ ...this.#env, ...env }).map(
      ([key, value]) => `${key}=${shellQuoted(value)} `,
    );
    return `${variables.join('')}${this.#cli.shown} ${args.map(shellQuoted).join(' ')}`;
  }

  /**
   * Runs a command to its end. It writes to files and has a session of its own, so that it outlives this process: whoever kills the
   * evolution does not kill an update in the middle.
   */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Result> {
    const { shown = true, plumbing = [], env = {}, onText, interruptible = false } = options;
    if (shown) this.#terminal.line(`$ ${this.text(args, env)}`);
    const scratch = mkdtempSync(join(tmpdir(), 'evolution-run-'));
    const files = { out: options.log ?? join(scratch, 'out'), err: join(scratch, 'err') };
    const [out, err] = [openSync(files.out, 'w', 0o600), openSync(files.err, 'w', 0o600)];
    const child = spawn(this.#cli.file, [...args, ...plumbing, '--non-interactive'], {
      cwd: this.#directory,
      detached: true,
      stdio: ['ignore', out, err],
      env: {
        ...process.env,
        ...this.#env,
        ...env,
        PULUMI_SKIP_UPDATE_CHECK: '1',
        PULUMI_DEBUG_COMMANDS: 'true',
      },
    });
    const interrupt = () => {
      if (child.pid !== undefined) interruptGroup(child.pid);
    };
    this.#session.onChild?.(child.pid);
    if (interruptible) this.#session.interrupts.add(interrupt);
    const follow = onText === undefined ? undefined : follower(files.out, onText);
    const timer = setInterval(() => follow?.(), POLL_MS);
    try {
      const code = await new Promise<number | null>((resolve, reject) => {
        child.on('error', reject);
        child.on('close', resolve);
      });
      follow?.();
      return { code, stdout: readFileSync(files.out, 'utf8'), stderr: readFileSync(files.err, 'utf8') };
    } finally {
      clearInterval(timer);
      this.#session.interrupts.delete(interrupt);
      this.#session.onChild?.(undefined);
      for (const file of [out, err]) closeSync(file);
      rmSync(scratch, { recursive: true, force: true });
    }
  }
}

/**
 * As a terminal does it, to the whole group. Pulumi puts its providers in groups of their own and lets them finish what they do; those of
 * this project wait for nodes and ranges, for many minutes if need be, and end their wait when they are told.
 */
function interruptGroup(pid: number): void {
  const tell = (one: number) => {
    try {
      process.kill(one, 'SIGINT');
    } catch {
      // It has ended.
    }
  };
  const providers = descendants(pid, /dynamic-provider/);
  tell(-pid);
  for (const provider of providers) tell(provider);
}

/** Reads what was added to a file since it was last called. */
export function follower(file: string, onText: (text: string) => void): () => void {
  let offset = 0;
  const decoder = new TextDecoder();
  const buffer = Buffer.alloc(64 * 1024);
  return () => {
    let descriptor: number;
    try {
      descriptor = openSync(file, 'r');
    } catch {
      // Not there yet.
      return;
    }
    try {
      for (;;) {
        const size = readSync(descriptor, buffer, 0, buffer.length, offset);
        if (size === 0) return;
        offset += size;
        onText(decoder.decode(buffer.subarray(0, size), { stream: true }));
      }
    } finally {
      closeSync(descriptor);
    }
  };
}

/** What went wrong, in the words of the CLI, without its headings. */
export function problemOf({ stdout, stderr, code }: Result): string {
  const lines = (stderr.trim() || stdout.trim()).split('\n').map((line) => line.trim());
  const errors = lines.filter((line) => /^error:/i.test(line)).map((line) => line.replace(/^error:\s*/i, ''));
  return (errors.length > 0 ? errors : lines.slice(-3)).join(' ') || `it ended with ${code}`;
}

/**
 * EVO-205 when another process holds what the command wanted: the CLI would have it cancelled, which is right only when that process is gone.
 * Source of the texts: Pulumi's pkg/backend/diy/lock.go, and the answer of its service.
 */
export function heldByAnother({ stdout, stderr }: Result): CliError | undefined {
  const text = `${stderr}\n${stdout}`;
  if (!/the stack is currently locked|Another update is currently in progress/.test(text)) return undefined;
  const holders = [...text.matchAll(/created by (\S+) \(pid (\d+)\) at (\S+)/g)].map(
    ([, who, pid, since]) => `pulumi, process ${pid} of ${who}, since ${since}`,
  );
  return cliError('EVO-205', { who: holders.join('; ') || 'Pulumi keeps a lock for it' });
}
