import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { isMovable, keyOf } from '../../cli/lib/pulumi/state.ts';
import type { Random } from '../support/random.ts';
import { Backend, parsed } from './backend.ts';
import { Broken, Cluster, type SavedCluster } from './cluster.ts';
import { type Begun, Operator, type Typed } from './operators.ts';
import { PHASES, type Programs } from './program.ts';
import type { Surroundings } from './pulumi.ts';
import { type Process, Schedule } from './schedule.ts';

const PROJECT = 'cockroachdb-live-evolution';

/** Where a schedule begins: at a phase that was reached undisturbed, or before the first. */
export interface Start {
  readonly stacks: Readonly<Record<string, string>>;
  readonly cluster: SavedCluster;
}
export const NOTHING: Start = { stacks: {}, cluster: { objects: [], databases: [] } };

/** How a command is ended early. */
export type End = 'tree' | 'alone' | 'ctrl-c';

/** A cluster, a state, and two operators with a checkout each. */
export class Model {
  readonly random: Random;
  readonly schedule: Schedule;
  readonly cluster: Cluster;
  readonly backend: Backend;
  readonly operators: readonly [Operator, Operator];
  readonly #folder: string;
  /** Of an operation that it fails, as a network does. */
  failing = 0;

  constructor(random: Random, programs: Programs, start: Start) {
    this.random = random;
    this.schedule = new Schedule(random);
    this.cluster = Cluster.from(start.cluster);
    this.#folder = mkdtempSync(join(tmpdir(), 'evolution-model-'));
    const state = join(this.#folder, 'a', '.state');
    mkdirSync(state, { recursive: true });
    this.backend = new Backend(state, PROJECT);
    for (const [stack, text] of Object.entries(start.stacks)) this.backend.write(stack, parsed(text));
    const all: Surroundings = {
      schedule: this.schedule,
      cluster: this.cluster,
      programs,
      project: PROJECT,
      backend: this.backend,
      leases: new Map(),
      fails: () => this.failing > 0 && random.chance(this.failing),
    };
    const other = random.chance(0.5) ? 'a' : 'b';
    this.operators = [
      new Operator(all, join(this.#folder, 'a'), 'here'),
      new Operator(all, join(this.#folder, other), other === 'b' && random.chance(0.5) ? 'there' : 'here'),
    ];
  }

  remove(): void {
    vi.clearAllTimers();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  save(): Start {
    const stacks = Object.fromEntries(this.backend.names().map((name) => [name, this.backend.text(name)]));
    return { stacks, cluster: this.cluster.save() };
  }

  /** Runs commands side by side to their end; the first is ended early after so many effects of its own. */
  async run(
    commands: readonly (readonly [Operator, Typed])[],
    end?: { readonly how: End; readonly after: number },
  ): Promise<readonly Begun[]> {
    const begun = commands.map(([operator, typed]) => operator.begin(typed));
    const victim = begun[0] as Begun;
    let left = end?.after ?? Number.POSITIVE_INFINITY;
    const isOf = (process: Process) => process === victim.process || process.parent === victim.process;
    await this.schedule.until(
      () => begun.every(({ outcome, process }) => outcome !== undefined || !process.alive),
      (next) => {
        if (!isOf(next) || end === undefined) return;
        left -= 1;
        if (left !== 0) return;
        if (end.how === 'ctrl-c') {
          this.schedule.trace.push(`${victim.process.pid} is told to end`);
          victim.stop.press();
        } else this.schedule.kill(victim.process, end.how);
      },
    );
    return begun;
  }

  /** Keys of what each stack holds. */
  owned(): ReadonlyMap<string, readonly string[]> {
    return new Map(
      this.backend.names().map((stack) => [
        stack,
        this.backend
          .read(stack)
          .resources.filter(isMovable)
          .map(({ urn }) => keyOf(urn)),
      ]),
    );
  }

  /** Throws when a resource is in more stacks than that, or twice in one. */
  expectOwners(most: number): void {
    const counts = new Map<string, number>();
    for (const [stack, keys] of this.owned()) {
      if (new Set(keys).size !== keys.length) throw new Broken(`${stack} holds a resource twice`);
      for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const [key, count] of counts) if (count > most) throw new Broken(`${key} is in ${count} stacks`);
  }

  /** What must be the same in the end, whatever has happened before. */
  end(stack: string) {
    const resources = this.backend
      .read(stack)
      .resources.filter(isMovable)
      .map(({ urn, inputs }) => [keyOf(urn), inputs] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const { nodes, replicationFactor, live } = this.cluster.database('crdb');
    const others = [...this.owned()].flatMap(([name, keys]) => (name === stack ? [] : keys));
    const pending = this.backend.names().flatMap((name) => this.backend.read(name).pending_operations);
    return {
      resources,
      database: { nodes, replicationFactor, live },
      objects: [...this.cluster.objects].sort(),
      others,
      pending: pending.map(({ type, resource }) => `${type} ${resource.urn}`),
    };
  }
}

export const STACKS = Object.keys(PHASES);
