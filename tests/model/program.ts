import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { evaluateAll } from '../../cli/lib/program/evaluate.ts';
import type { Evaluation } from '../../cli/lib/program/resources.ts';
import { canonical } from '../../components/steps/canonical.ts';

/** A resource that the program registers, as far as the model of the engine needs it. */
export interface Registered {
  /** Its URN without stack and project. */
  readonly key: string;
  readonly type: string;
  /** `key` of its component. */
  readonly parent: string | undefined;
  readonly custom: boolean;
  readonly protect: boolean;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export type Settings = Readonly<Record<string, number | boolean | string>>;

/** What the three phases ask for. */
export const PHASES: Readonly<Record<string, Settings>> = {
  phase0: { nodes: 1, replicationFactor: 1, readerUserEnabled: false },
  phase1: { nodes: 2, replicationFactor: 2, readerUserEnabled: true },
  phase2: { nodes: 3, replicationFactor: 3, readerUserEnabled: true },
};

/** What somebody may make of a phase's file by hand. */
export const EDITS: readonly Settings[] = [
  { nodes: 1, replicationFactor: 1, readerUserEnabled: false },
  { nodes: 2, replicationFactor: 1, readerUserEnabled: false },
  { nodes: 3, replicationFactor: 2, readerUserEnabled: true },
  { nodes: 3, replicationFactor: 3, readerUserEnabled: true, loadEnabled: false },
  { nodes: 2, replicationFactor: 2, readerUserEnabled: true, databaseMemory: '4Gi' },
  { nodes: 2, replicationFactor: 2, readerUserEnabled: true, databaseNamespace: 'other' },
];

interface Evaluated {
  readonly evaluation: Evaluation;
  readonly registered: readonly Registered[];
}

/** The real program in its smallest form: fewer resources are more schedules a second. */
export const SMALL = {
  operatorInstall: false,
  networkPolicies: false,
  prometheusEnabled: false,
  grafanaEnabled: false,
};

/** What the real program registers for some settings. */
export class Programs {
  readonly #bySettings: ReadonlyMap<string, Evaluated>;

  private constructor(bySettings: ReadonlyMap<string, Evaluated>) {
    this.#bySettings = bySettings;
  }

  static async load(): Promise<Programs> {
    const all = [...Object.values(PHASES), ...EDITS];
    const evaluations = await evaluateAll(
      all.map((settings, i) => ({ stack: `model${i}`, override: { ...SMALL, ...settings } })),
    );
    const found = (i: number) => {
      const evaluation = evaluations[i] as Evaluation;
      return { evaluation, registered: registered(evaluation) };
    };
    return new Programs(new Map(all.map((s, i) => [canonical(s), found(i)])));
  }

  /** Of a stack whose file is in the folder. Without a file, the defaults are those of the first phase. */
  of(directory: string, project: string, stack: string): readonly Registered[] {
    return this.#find(directory, project, stack).registered;
  }

  /** What `npm run diff` compares. */
  evaluation(directory: string, project: string, stack: string): Evaluation {
    return { ...this.#find(directory, project, stack).evaluation, stack };
  }

  #find(directory: string, project: string, stack: string): Evaluated {
    const file = join(directory, `Pulumi.${stack}.yaml`);
    const { config } = existsSync(file)
      ? (parse(readFileSync(file, 'utf8')) as { config: Settings })
      : { config: PHASES.phase0 as Settings };
    const settings = Object.fromEntries(
      Object.entries(config).map(([key, value]) => [key.replace(`${project}:`, ''), value]),
    );
    const found = this.#bySettings.get(canonical(settings));
    if (found === undefined) throw new Error(`the model has not evaluated ${canonical(settings)}`);
    return found;
  }
}

function registered({ resources }: Evaluation): Registered[] {
  const keys = new Map(resources.map(({ path, urn }) => [path.join('/'), urn]));
  return resources.map(({ urn, type, path, custom, protect, inputs }) => ({
    key: urn,
    type,
    parent: keys.get(path.slice(0, -1).join('/')),
    custom,
    protect,
    inputs: isRead(type) ? inputs : short(inputs),
  }));
}

/** Whose inputs the project's own code reads: its dynamic resources, and the cluster. */
const isRead = (type: string) => /dynamic\/evolution:(?!SqlFile|User)|:CrdbCluster$/.test(type);

/** Of all others, that they changed is enough. */
function short(inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const digest = createHash('sha256').update(canonical(inputs)).digest('hex').slice(0, 12);
  const { name, namespace, user } = { ...(inputs.metadata as object), ...inputs } as Record<string, unknown>;
  return {
    digest,
    ...(name ? { name } : {}),
    ...(namespace ? { namespace } : {}),
    ...(user ? { user } : {}),
  };
}
