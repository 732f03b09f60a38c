import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import type { ProcessRef } from '../../cli/lib/machine/processes.ts';
import { ROOT } from './repository.ts';

/** Of the directory that the rehearsal made for itself. */
interface RunFile {
  readonly children: readonly { readonly name: string; readonly process: ProcessRef }[];
}

/**
 * Rehearsals as a user runs them, in a temporary directory of their own, so that what they leave there is seen, and rehearsals that run on
 * this machine are left alone. To be called at the top of a file of tests.
 */
export function rehearsals(environment: () => Readonly<Record<string, string>> = () => ({})) {
  const temporary = mkdtempSync(join(tmpdir(), 'rehearse-test-'));
  chmodSync(temporary, 0o711);
  afterAll(() => rmSync(temporary, { recursive: true }));
  return {
    temporary,
    start: (...args: string[]) => new Rehearsal(temporary, environment(), args),
    /** Directories that rehearsals have left. */
    leftovers: () => leftovers(temporary),
  };
}

function leftovers(temporary: string): string[] {
  return readdirSync(temporary).filter((name) => name.startsWith('crdb-evolution-rehearsal-'));
}

export class Rehearsal {
  readonly #child: ChildProcess;
  readonly #exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly #temporary: string;
  #output = '';
  #seen = 0;

  constructor(temporary: string, environment: Readonly<Record<string, string>>, args: readonly string[]) {
    this.#temporary = temporary;
    const command = ['--import', 'tsx', 'cli/main.ts', 'rehearse', '--no-color', ...args];
    this.#child = spawn(process.execPath, command, {
      cwd: ROOT,
      env: { ...process.env, ...environment, TMPDIR: temporary },
      stdio: 'pipe',
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk) => {
        this.#output += String(chunk);
      });
    this.#exit = new Promise((resolve) =>
      this.#child.once('exit', (code, signal) => resolve({ code, signal })),
    );
    onTestFinished(async () => {
      this.signal('SIGTERM');
      await this.#exit;
    });
  }

  get output(): string {
    return this.#output;
  }

  /** The exit code. */
  async ended(): Promise<number | null> {
    return (await this.#exit).code;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Waits until it prints this, after what was waited for before. */
  async prints(text: string): Promise<void> {
    const ended = this.#exit.then(() => true);
    for (;;) {
      const found = this.#output.indexOf(text, this.#seen);
      if (found >= 0) {
        this.#seen = found + text.length;
        return;
      }
      const pause = new Promise<false>((resolve) => setTimeout(resolve, 50, false));
      if ((await Promise.race([ended, pause])) && !this.#output.includes(text, this.#seen))
        throw new Error(`it ended before it printed ${JSON.stringify(text)}:\n${this.#output}`);
    }
  }

  /** The processes that it started and recorded. */
  get processes(): Map<string, ProcessRef> {
    const [directory = ''] = leftovers(this.#temporary);
    const run = JSON.parse(readFileSync(join(this.#temporary, directory, 'run.json'), 'utf8')) as RunFile;
    return new Map(run.children.map((child) => [child.name, child.process]));
  }
}
