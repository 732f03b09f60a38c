import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pulumi, type Result, type RunOptions, type Session } from '../../cli/lib/pulumi/run.ts';
import type { LeaseNow } from '../../cli/lib/step/lease.ts';
import type { Terminal } from '../../cli/ui/terminal.ts';
import { Backend, type Deployment } from './backend.ts';
import type { Cluster } from './cluster.ts';
import { Engine } from './engine.ts';
import { moved } from './moves.ts';
import type { Programs } from './program.ts';
import type { Process, Schedule } from './schedule.ts';

const CLI = { file: 'pulumi', shown: 'pulumi', version: '3.265.0' } as const;

/** What all processes of a schedule have in common. */
export interface Surroundings {
  readonly schedule: Schedule;
  readonly cluster: Cluster;
  readonly programs: Programs;
  readonly project: string;
  /** The state that the operators share. */
  readonly backend: Backend;
  /** Leases of the cluster, by the namespace of the database. */
  readonly leases: Map<string, LeaseNow>;
  /** Whether an operation fails now. */
  readonly fails: () => boolean;
}

/** The Pulumi CLI of the model, started by one process. Its commands are processes of their own, as the real ones are. */
export class ModelPulumi extends Pulumi {
  readonly #all: Surroundings;
  readonly #starter: Process;
  readonly #terminal: Terminal;
  readonly #session: Session;
  readonly #url: string | undefined;
  #copy: Backend | undefined;

  constructor(
    all: Surroundings,
    starter: Process,
    directory: string,
    terminal: Terminal,
    session: Session = { interrupts: new Set() },
    env: Readonly<Record<string, string>> = {},
  ) {
    super(CLI, directory, terminal, session, env);
    this.#all = all;
    this.#starter = starter;
    this.#terminal = terminal;
    this.#session = session;
    this.#url = env.PULUMI_BACKEND_URL;
  }

  get #backend(): Backend {
    if (this.#url === undefined) return this.#all.backend;
    this.#copy ??= new Backend(this.#url.replace('file://', ''), this.#all.project);
    return this.#copy;
  }

  override with(env: Readonly<Record<string, string>>): ModelPulumi {
    // A dry run copies the state's folder now.
    this.#backend.flush();
    return new ModelPulumi(this.#all, this.#starter, this.directory, this.#terminal, this.#session, env);
  }

  override async run(args: readonly string[], options: RunOptions = {}): Promise<Result> {
    const { schedule } = this.#all;
    await schedule.effect(this.#starter, `starts pulumi ${args.slice(0, 2).join(' ')}`);
    const child = schedule.start(`pulumi ${args.join(' ')}`, this.#starter.hostname, this.#starter);
    let pressed = false;
    const interrupt = () => {
      pressed = true;
    };
    this.#session.onChild?.(child.pid);
    if (options.interruptible) this.#session.interrupts.add(interrupt);
    const result = await this.#work(child, args, options, () => pressed);
    child.alive = false;
    await schedule.effect(this.#starter, `has the answer of pulumi ${args.slice(0, 2).join(' ')}`);
    this.#session.interrupts.delete(interrupt);
    this.#session.onChild?.(undefined);
    return result;
  }

  async #work(
    child: Process,
    args: readonly string[],
    { plumbing = [], env = {} }: RunOptions,
    interrupted: () => boolean,
  ): Promise<Result> {
    const backend = this.#backend;
    const { schedule, cluster, programs, project, fails } = this.#all;
    const effect = (what: string) => schedule.effect(child, what);
    const good = (stdout = ''): Result => ({ code: 0, stdout, stderr: '' });
    const bad = (problem: string): Result => ({ code: 255, stdout: '', stderr: `error: ${problem}` });
    const after = (flag: string) => args[args.indexOf(flag) + 1] as string;
    const unknown = (stack: string) => bad(`no stack named '${stack}' found`);
    const write = async (stack: string, deployment: Deployment): Promise<string | undefined> => {
      await effect(`locks ${stack}`);
      const held = backend.lock(stack, child);
      if (held !== undefined) return held;
      await effect(`writes ${stack}`);
      backend.write(stack, deployment);
      await effect(`unlocks ${stack}`);
      backend.unlock(stack, child);
      return undefined;
    };
    const [first, second] = args;
    await effect(`begins ${args.slice(0, 2).join(' ')}`);
    switch (first === 'stack' || first === 'state' ? `${first} ${second}` : first) {
      case 'stack ls':
        return good(JSON.stringify(backend.names().map((name) => ({ name }))));
      case 'stack init': {
        const stack = args[2] as string;
        if (backend.has(stack)) return bad(`stack '${stack}' already exists`);
        backend.write(stack);
        return good();
      }
      case 'stack export': {
        const stack = after('--stack');
        if (!backend.has(stack)) return unknown(stack);
        if (args.includes('--file')) writeFileSync(after('--file'), backend.text(stack));
        return good(backend.text(stack));
      }
      case 'stack import': {
        const stack = after('--stack');
        if (!backend.has(stack)) return unknown(stack);
        const { deployment } = JSON.parse(readFileSync(after('--file'), 'utf8')) as {
          deployment: Deployment;
        };
        const problem = await write(stack, { ...deployment, pending_operations: [] });
        return problem === undefined ? good() : bad(problem);
      }
      case 'state move': {
        const [from, to] = [after('--source'), after('--dest')];
        for (const stack of [from, to]) if (!backend.has(stack)) return unknown(stack);
        const before = backend.read(to);
        const both = moved(
          backend,
          from,
          to,
          args.filter((arg) => arg.startsWith('urn:')),
        );
        if ('problem' in both) return bad(both.problem);
        const first = await write(to, both.dest);
        if (first !== undefined) return bad(`failed to save destination snapshot: ${first}`);
        const second = await write(from, both.source);
        if (second === undefined) return good();
        await write(to, before);
        return bad(`failed to save source snapshot: ${second}`);
      }
      case 'stack rm': {
        const stack = args[2] as string;
        if (!backend.has(stack)) return unknown(stack);
        const own = backend.read(stack).resources.filter(({ type }) => type !== 'pulumi:pulumi:Stack');
        if (own.length > 0 && !args.includes('--force')) return bad(`'${stack}' still has resources`);
        backend.remove(stack);
        rmSync(join(this.directory, `Pulumi.${stack}.yaml`), { force: true });
        return good();
      }
      case 'stack rename': {
        const [to, from] = [args[2] as string, after('--stack')];
        if (!backend.has(from) || backend.has(to)) return bad('it cannot be renamed');
        const held = backend.lock(from, child);
        if (held !== undefined) return bad(held);
        backend.rename(from, to);
        backend.unlock(from, child);
        const file = (stack: string) => join(this.directory, `Pulumi.${stack}.yaml`);
        if (existsSync(file(from))) renameSync(file(from), file(to));
        return good();
      }
      case 'cancel':
        backend.breakLocks(second as string);
        return good();
      case 'preview':
      case 'up': {
        const stack = after('-s');
        if (!backend.has(stack)) return unknown(stack);
        const dry = first === 'preview';
        const held = dry ? undefined : backend.lock(stack, child);
        if (held !== undefined) return bad(held);
        const { events, error } = await new Engine(schedule, backend, cluster).run(
          {
            process: child,
            stack,
            program: programs.of(this.directory, project, stack),
            adopts: env.PULUMI_K8S_UPSERT_EXISTING_OBJECTS === 'true',
            interrupted,
            fails,
          },
          dry,
        );
        const log = plumbing[plumbing.indexOf('--event-log') + 1];
        if (log !== undefined) writeFileSync(log, events.map((line) => `${line}\n`).join(''));
        await effect(`ends ${first}`);
        if (!dry) backend.unlock(stack, child);
        return error === undefined ? good() : bad(error);
      }
      default:
        throw new Error(`the model knows no pulumi ${args.join(' ')}`);
    }
  }
}
