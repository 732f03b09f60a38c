import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = join(__dirname, '../../app/src/main.ts');
const CLOCK = join(__dirname, 'clock.mjs');

/** The app as a process of its own, whose memory and sockets the system tells, and whose wall clock can be stepped. */
export class AppProcess {
  readonly #child: ChildProcess;
  output = '';

  constructor(environment: Record<string, string>) {
    this.#child = spawn(process.execPath, ['--import', CLOCK, '--import', 'tsx', MAIN], {
      env: { PATH: process.env.PATH ?? '', ...environment, APP_LOG_LEVEL: 'info' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk) => {
        this.output = (this.output + chunk).slice(-1_000_000);
      });
  }

  /** Where it listens. Rejects when it ends before. */
  async url(): Promise<string> {
    for (;;) {
      const port = /"port":(\d+)/.exec(this.output)?.[1];
      if (port !== undefined) return `http://127.0.0.1:${port}`;
      if (!this.runs) throw new Error(`The app ended.\n${this.output}`);
      await sleep(50);
    }
  }

  get runs(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Lets its wall clock differ from the machine's. Its monotonic clock goes on, as when NTP sets a clock. */
  stepClock(offsetMs: number): void {
    this.#child.send({ offsetMs });
  }

  /** Resident memory in bytes. */
  get memory(): number {
    return (
      Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8'))?.[1]) * 1024
    );
  }

  get sockets(): number {
    const folder = `/proc/${this.#child.pid}/fd`;
    return readdirSync(folder).filter((file) => {
      try {
        return readlinkSync(join(folder, file)).startsWith('socket:');
      } catch {
        // Closed meanwhile.
        return false;
      }
    }).length;
  }

  /** Connections to this port of loopback that somebody holds, half closed ones too. */
  static connectionsTo(port: number): number {
    const to = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
    const connections = readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/));
    // Without an inode, the process has let go of it, and the system winds it up.
    return connections.filter((fields) => fields[2] === to && fields[9] !== '0').length;
  }

  /** Asks it to stop. Its exit code, or the signal that ended it. */
  async stop(): Promise<number | string | null> {
    this.#child.kill('SIGTERM');
    return this.exit();
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exit();
  }

  async exit(): Promise<number | string | null> {
    if (this.runs) await once(this.#child, 'exit');
    return this.#child.exitCode ?? this.#child.signalCode;
  }
}
