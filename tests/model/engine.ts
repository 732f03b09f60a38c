import { backupProvider } from '../../components/providers/backup-provider.ts';
import { compare } from '../../components/providers/compare.ts';
import { guardProvider, ownedElsewhere } from '../../components/providers/guard-provider.ts';
import { nodesLiveProvider } from '../../components/providers/nodes-live-provider.ts';
import { replicationProvider } from '../../components/providers/replication-provider.ts';
import { protect } from '../../components/steps/protect.ts';
import { type GuardInputs, refusals } from '../../components/steps/refusals.ts';
import type { Backend, Pending, Resource } from './backend.ts';
import type { Cluster } from './cluster.ts';
import { kindOf, PROVIDER, rootOf } from './names.ts';
import type { Registered } from './program.ts';
import type { Process, Schedule } from './schedule.ts';

/** One run of the engine for one stack. */
export interface Work {
  readonly process: Process;
  readonly stack: string;
  readonly program: readonly Registered[];
  /** Whether the Kubernetes provider takes up what is there already. */
  readonly adopts: boolean;
  /** Whether the user has pressed Ctrl-C. */
  readonly interrupted: () => boolean;
  /** Whether an operation fails, as a network does now and then. */
  readonly fails: () => boolean;
}

/** Why it ended early. */
class Stopped extends Error {}

type Op = 'create' | 'update' | 'replace' | 'delete' | 'same';

const PROVIDERS = {
  Guard: guardProvider,
  EvolutionBackup: backupProvider,
  NodesLive: nodesLiveProvider,
  Replication: replicationProvider,
} as const;
const isOwn = (kind: string): kind is keyof typeof PROVIDERS => kind in PROVIDERS;

/** Plans and does what Pulumi's engine would, effect by effect, with this project's own providers as far as they decide something. */
export class Engine {
  readonly #schedule: Schedule;
  readonly #backend: Backend;
  readonly #cluster: Cluster;

  constructor(schedule: Schedule, backend: Backend, cluster: Cluster) {
    this.#schedule = schedule;
    this.#backend = backend;
    this.#cluster = cluster;
  }

  /** The lines of the event log, and what went wrong. */
  async run(work: Work, dry: boolean): Promise<{ events: string[]; error?: string }> {
    const events: string[] = [];
    try {
      await this.#all(work, dry, events);
      return { events };
    } catch (error) {
      if (!(error instanceof Stopped)) {
        // The model itself, or a promise that was broken: nothing goes on after it.
        this.#schedule.broken ??= error as Error;
        return new Promise(() => {});
      }
      events.push(JSON.stringify({ diagnosticEvent: { severity: 'error', message: error.message } }));
      return { events, error: error.message };
    }
  }

  async #all(work: Work, dry: boolean, events: string[]): Promise<void> {
    const { process, stack, program } = work;
    const base = this.#backend.read(stack);
    const urnOf = (key: string) => `urn:pulumi:${stack}::${this.#backend.project}::${key}`;
    const root = rootOf(stack, this.#backend.project);
    const resources = new Map(base.resources.map((resource) => [resource.urn, resource]));
    // As the engine does it: creations that were killed stay pending until an import or a refresh clears them.
    const old = base.pending_operations.filter(({ type }) => type === 'creating');
    let pending: Pending[] = [];
    const save = () =>
      this.#backend.write(stack, {
        resources: [...resources.values()],
        pending_operations: [...pending, ...old],
      });
    if (!resources.has(root.urn) && !dry) {
      const others = [...resources];
      resources.clear();
      for (const [urn, resource] of [[root.urn, root] as const, ...others]) resources.set(urn, resource);
    }
    const tell = (kind: string, op: Op, { urn, type }: Resource) =>
      events.push(JSON.stringify({ [kind]: { metadata: { op, urn, type } } }));

    const step = async (op: Op, next: Resource, registered?: Registered) => {
      tell('resourcePreEvent', op, next);
      if (op === 'same') return;
      if (op === 'replace' && resources.get(next.urn)?.protect)
        throw new Stopped(`${next.urn} is protected and would be replaced`);
      if (op === 'delete' && next.protect) throw new Stopped(`${next.urn} is protected and would be deleted`);
      if (dry) return;
      if (work.interrupted()) throw new Stopped('update cancelled');
      const known = resources.get(next.urn);
      if (next.custom) {
        const type = op === 'delete' ? 'deleting' : known === undefined ? 'creating' : 'updating';
        await this.#schedule.effect(process, `${stack}: ${type} ${kindOf(next.type)}`);
        pending = [{ type, resource: next }];
        save();
        await this.#schedule.effect(process, `${kindOf(next.type)} itself`);
        let outputs: Readonly<Record<string, unknown>> = {};
        try {
          const fails = work.fails();
          const waits = kindOf(next.type) === 'Deployment' && op !== 'delete';
          if (fails && !waits) throw new Stopped(`${kindOf(next.type)} failed, as things do`);
          outputs = op === 'delete' ? {} : await this.#do(work, op, next, registered as Registered);
          if (fails) {
            // It is made, and what waits for it has given up.
            resources.set(next.urn, { ...next, outputs, initErrors: ['not ready'], modified: this.#now() });
            throw new Stopped(`${next.urn} did not get ready`);
          }
        } catch (error) {
          // An operation that failed is none that was interrupted.
          pending = [];
          save();
          tell('resOpFailedEvent', op, next);
          throw error;
        }
        await this.#schedule.effect(process, `${kindOf(next.type)} is written down`);
        next = { ...next, outputs, modified: this.#now() };
      }
      pending = [];
      if (op === 'delete') {
        this.#cluster.objects.delete(objectOf(next));
        resources.delete(next.urn);
      } else resources.set(next.urn, next);
      save();
      tell('resOutputsEvent', op, next);
    };

    for (const registered of program) {
      const { key, type, parent, custom, protect: isProtected, inputs } = registered;
      const urn = urnOf(key);
      const known = resources.get(urn);
      await this.#check(registered, known, work);
      const upsert = type === PROVIDER && work.adopts ? { upsertExistingObjects: 'true' } : {};
      const next: Resource = {
        urn,
        type,
        custom,
        parent: parent === undefined ? root.urn : urnOf(parent),
        ...(custom ? { id: known?.id ?? `id-${this.#now()}` } : {}),
        ...(isProtected ? { protect: true } : {}),
        inputs: { ...inputs, ...upsert },
      };
      const op = known === undefined ? 'create' : custom ? await diff(known, next) : 'same';
      await step(op, next, registered);
    }
    const wanted = new Set(program.map(({ key }) => urnOf(key)));
    const gone = [...resources.values()].filter(
      ({ urn, type }) => !wanted.has(urn) && urn !== root.urn && !type.startsWith('pulumi:providers:'),
    );
    for (const resource of gone.reverse()) await step('delete', resource);
    if (!dry) save();
  }

  #clock = 0;
  #now(): string {
    // The later, the greater, over all engines of a schedule.
    this.#clock = this.#schedule.trace.length * 100 + (this.#clock % 100) + 1;
    return new Date(Date.UTC(2026, 0, 1) + this.#clock * 1000).toISOString();
  }

  async #check({ type, inputs }: Registered, known: Resource | undefined, { fails }: Work): Promise<void> {
    const kind = kindOf(type);
    if (!isOwn(kind)) return;
    const olds = known?.inputs ?? {};
    let failures: readonly { readonly property: string; readonly reason: string }[];
    if (kind === 'Guard') {
      const news = inputs as unknown as GuardInputs;
      const { namespace } = news.address;
      const isNew = (olds as Partial<GuardInputs>).address?.namespace !== namespace;
      const { nodes } = this.#cluster.database(namespace);
      if (isNew && fails()) throw new Stopped('the Kubernetes cluster cannot be reached');
      failures = isNew
        ? ownedElsewhere(nodes === 0 ? null : { spec: { nodes } }, news.address)
        : refusals(olds as Partial<GuardInputs>, news);
    } else failures = (await PROVIDERS[kind].check?.(olds, inputs))?.failures ?? [];
    if (failures.length > 0) throw new Stopped(failures.map(({ reason }) => reason).join(' '));
  }

  /** What happens in the cluster. Returns the outputs. */
  async #do(work: Work, op: Op, next: Resource, { inputs }: Registered) {
    const kind = kindOf(next.type);
    const address = inputs.address as GuardInputs['address'] | undefined;
    const database = this.#cluster.database(address?.namespace ?? 'crdb');
    const signal = new AbortController().signal;
    switch (kind) {
      case 'EvolutionBackup': {
        const namespace = (address as GuardInputs['address']).namespace;
        const clients = this.#cluster.clients(namespace, { signal, say: () => {} });
        return {
          ...inputs,
          ...(await protect(inputs as never, clients.database, clients.kubernetes, clients.run)),
        };
      }
      case 'NodesLive':
        database.live = database.nodes;
        break;
      case 'Replication':
        database.live = database.nodes;
        database.replicate(inputs.replicationFactor as number);
        break;
      case 'SqlFile':
        database.hasTables = true;
        break;
      case 'User':
        database.users.add(String(inputs.user ?? inputs.name));
        break;
      case 'CrdbCluster': {
        const { metadata, spec } = inputs as { metadata: { namespace: string }; spec: { nodes: number } };
        this.#make(op, next, work);
        this.#cluster.database(metadata.namespace).ask(spec.nodes);
        break;
      }
      default:
        if (next.type.startsWith('kubernetes:')) this.#make(op, next, work);
    }
    return inputs;
  }

  #make(op: Op, next: Resource, { adopts }: Work): void {
    const object = objectOf(next);
    if (op === 'create' && this.#cluster.objects.has(object) && !adopts)
      throw new Stopped(`${object} already exists`);
    this.#cluster.objects.add(object);
  }
}

const objectOf = ({ type, inputs, urn }: Resource) => {
  const { name, namespace } = { ...(inputs?.metadata as object), ...inputs } as Record<string, unknown>;
  return `${kindOf(type)}/${namespace ?? ''}/${name ?? urn.split('::').at(-1)}`;
};

async function diff(known: Resource, next: Resource): Promise<Op> {
  const kind = kindOf(next.type);
  const [olds, news] = [known.inputs ?? {}, next.inputs ?? {}];
  if (known.initErrors !== undefined) return 'update';
  if (isOwn(kind)) {
    const found = await PROVIDERS[kind].diff?.('id', { ...olds, ...known.outputs }, news);
    return !found?.changes ? 'same' : (found.replaces ?? []).length > 0 ? 'replace' : 'update';
  }
  if (next.type.startsWith('kubernetes:') && objectOf(known) !== objectOf(next)) return 'replace';
  return compare(olds, news, { update: Object.keys({ ...olds, ...news }) }).changes ? 'update' : 'same';
}
