import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { evolve } from '../../cli/commands/evolve/evolve.ts';
import { handover } from '../../cli/commands/handover/handover.ts';
import { compare } from '../../cli/lib/compare/compare.ts';
import { CliError, cliError } from '../../cli/lib/errors.ts';
import type { Dependencies } from '../../cli/lib/step/dependencies.ts';
import type { LeaseStore } from '../../cli/lib/step/lease.ts';
import type { Stop } from '../../cli/ui/stop.ts';
import { Terminal } from '../../cli/ui/terminal.ts';
import { read } from '../support/repository.ts';
import { PHASES, type Settings, SMALL } from './program.ts';
import { ModelPulumi, type Surroundings } from './pulumi.ts';
import type { Process } from './schedule.ts';

/** What an operator types. */
export interface Typed {
  readonly command: 'evolve' | 'handover';
  readonly target: string;
  readonly skip?: boolean;
  readonly dryRun?: boolean;
}

/** A command that was begun. It has an outcome once it is over: undefined when it went well. */
export interface Begun {
  readonly process: Process;
  readonly stop: Stop;
  outcome?: { readonly error: CliError | undefined };
}

/** A person at a machine, with a checkout of the project. */
export class Operator {
  readonly directory: string;
  readonly hostname: string;
  readonly #all: Surroundings;
  readonly said: string[] = [];

  constructor(all: Surroundings, directory: string, hostname: string) {
    this.#all = all;
    this.directory = directory;
    this.hostname = hostname;
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'Pulumi.yaml'), projectFile(all));
    for (const [stack, settings] of Object.entries(PHASES)) this.writeSettings(stack, settings);
  }

  writeSettings(stack: string, settings: Settings): void {
    const lines = Object.entries(settings).map(([key, value]) => `  ${this.#all.project}:${key}: ${value}\n`);
    writeFileSync(join(this.directory, `Pulumi.${stack}.yaml`), `config:\n${lines.join('')}`);
  }

  /** Begins the real command with the dependencies of the model. */
  begin({ command, target, skip = false, dryRun = false }: Typed): Begun {
    const { schedule, cluster, fails, programs, project } = this.#all;
    const process = schedule.start(`node cli/main.ts ${command} ${target}`, this.hostname);
    schedule.trace.push(
      `${process.pid} is ${command} ${target}${skip ? ' --skip' : ''}${dryRun ? ' --dry-run' : ''}`,
    );
    const stop = stopOf();
    const dependencies: Dependencies = {
      directory: this.directory,
      machine: {
        pid: process.pid,
        hostname: this.hostname,
        looksLike: (pid, command) => schedule.looksAlive(pid, command),
      },
      checkPassphrase: async () => {},
      difference: async (from, to) => {
        const of = (stack: string) => programs.evaluation(this.directory, project, stack);
        return compare(of(from), of(to));
      },
      openPulumi: (terminal, session) =>
        new ModelPulumi(this.#all, process, this.directory, terminal, session),
      listenForStop: () => stop,
      leaseFor: ({ namespaces }) =>
        leaseOf(this.#all, namespaces.database, (what) => schedule.effect(process, what)),
      withCluster: async (where, work) => {
        await schedule.effect(process, 'looks at the cluster');
        if (fails()) throw cliError('EVO-302', { problem: 'it does not answer, as happens' });
        const run = { signal: stop.signal, say: () => {} };
        return work(cluster.clients(where.namespaces.database, run));
      },
    };
    const terminal = new Terminal(false, (text) => void this.said.push(text));
    const out = { write: () => true, isTTY: false } as unknown as NodeJS.WriteStream;
    const work =
      command === 'evolve'
        ? evolve(
            { target, skip, dryRun, yes: true, verbose: false, color: false, out },
            terminal,
            dependencies,
          )
        : handover(target, skip, terminal, dependencies);
    const begun: Begun = { process, stop };
    const over = (error?: unknown) => {
      schedule.end(process);
      if (error !== undefined && !(error instanceof CliError)) schedule.broken ??= error as Error;
      const found = error instanceof CliError ? error : undefined;
      schedule.trace.push(
        `${process.pid} ends: ${found === undefined ? 'well' : `${found.code} ${found.message} Next: ${found.next}`}`,
      );
      begun.outcome = { error: found };
    };
    work.then(() => over(), over);
    return begun;
  }

  /** A `pulumi` command, typed by hand. */
  async type(...args: string[]): Promise<void> {
    const { schedule } = this.#all;
    const process = schedule.start('bash', this.hostname);
    schedule.trace.push(`by hand: pulumi ${args.join(' ').slice(0, 200)}`);
    await new ModelPulumi(this.#all, process, this.directory, new Terminal(false, () => {})).run(args);
    schedule.end(process);
  }
}

function stopOf(): Stop {
  const controller = new AbortController();
  const interrupts = new Set<() => void>();
  const press = () => {
    controller.abort(new Error('interrupted'));
    for (const interrupt of interrupts) interrupt();
  };
  return { signal: controller.signal, interrupts, exitCode: 130, press, end: () => {} };
}

/** The Lease in the model's cluster. A process that is dead reads and writes it no more. */
function leaseOf(
  { leases, fails }: Surroundings,
  name: string,
  effect: (what: string) => Promise<void>,
): LeaseStore {
  const ask = async <T>(what: string, work: () => T): Promise<T> => {
    await effect(`${what} the lease`);
    if (fails()) throw cliError('EVO-302', { problem: 'the lease cannot be had, as happens' });
    return work();
  };
  let count = 0;
  const put = (holder: string) => {
    count += 1;
    const version = `${holder} ${count}`;
    leases.set(name, { holder, version });
    return version;
  };
  return {
    read: () => ask('reads', () => leases.get(name) ?? null),
    create: (holder) => ask('makes', () => (leases.has(name) ? null : put(holder))),
    write: (holder, version) =>
      ask('writes', () => (leases.get(name)?.version === version ? put(holder) : null)),
    remove: (version) =>
      ask('removes', () => {
        if (leases.get(name)?.version === version) leases.delete(name);
      }),
  };
}

/** The project's own settings, with the defaults that the model's program has. */
function projectFile({ project, backend }: Surroundings): string {
  const { config } = parse(read('Pulumi.yaml')) as { config: Record<string, object> };
  const small = Object.entries(SMALL).map(([key, value]) => [key, { ...config[key], default: value }]);
  return stringify({
    name: project,
    backend: { url: `file://${backend.folder}` },
    config: { ...config, ...Object.fromEntries(small) },
  });
}
