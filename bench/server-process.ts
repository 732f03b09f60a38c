import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { anyFreePort } from '../cli/lib/machine/ports.ts';
import { isLibpq } from '../components/database/libpq.ts';
import { settings, type TestDatabase } from '../tests/support/sample-app.ts';

export interface ProcessOptions {
  readonly program?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A server as a process of its own, whose processor time and memory can be read. */
export class ServerProcess {
  readonly name: string;
  readonly url: string;
  readonly #process: ChildProcess;

  private constructor(name: string, url: string, process: ChildProcess) {
    this.name = name;
    this.url = url;
    this.#process = process;
  }

  /** `args` are those of Node, or of another program. Resolves when the server answers. */
  static async start(
    name: string,
    args: readonly string[],
    test: TestDatabase,
    { program = process.execPath, env: more = {} }: ProcessOptions = {},
  ): Promise<ServerProcess> {
    const port = await anyFreePort();
    const url = (connection: 'writer' | 'reader') =>
      readFileSync(test.database.urlFile(connection), 'utf8').trim();
    const { APP_DB_WRITER_URL_FILE: _w, APP_DB_READER_URL_FILE: _r, ...rest } = settings(test);
    const inherited = Object.entries(process.env).filter(([name]) => !isLibpq(name));
    const env = {
      ...Object.fromEntries(inherited),
      ...rest,
      APP_PORT: String(port),
      APP_DB_WRITER_URL: url('writer'),
      APP_DB_READER_URL: url('reader'),
      NODE_ENV: 'production',
      ...more,
    };
    const child = spawn(program, args, { env, stdio: 'inherit' });
    const server = new ServerProcess(name, `http://127.0.0.1:${port}`, child);
    await server.#answering();
    return server;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }

  /** Processor time of the process so far, from the kernel's count in hundredths of a second; NaN where there is no /proc. */
  cpuMicros(): number {
    try {
      const stat = readFileSync(`/proc/${this.#process.pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) * 10_000;
    } catch {
      return Number.NaN;
    }
  }

  /** Memory that it holds now, and the most that it ever held, in MiB; NaN where there is no /proc. */
  memory(): { readonly now: number; readonly most: number } {
    try {
      const status = readFileSync(`/proc/${this.#process.pid}/status`, 'utf8');
      const field = (name: string) =>
        Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
      return { now: field('VmRSS'), most: field('VmHWM') };
    } catch {
      return { now: Number.NaN, most: Number.NaN };
    }
  }

  async #answering(): Promise<void> {
    for (let tries = 0; tries < 400; tries += 1) {
      const ok = await fetch(`${this.url}/search?q=ac`).then(
        (r) => r.ok,
        () => false,
      );
      if (ok) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`the server "${this.name}" does not answer`);
  }
}
