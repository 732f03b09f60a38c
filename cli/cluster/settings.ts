import type { DatabaseAddress } from '../../components/database/kubernetes.ts';
import { PROJECT } from '../program/evaluate.ts';
import { readSettings, stackNames } from '../program/settings.ts';

/** What a phase asks for, as far as a look at its cluster needs it. */
export interface Target {
  /** The stack whose settings these are, e.g. `phase0`. */
  readonly stack: string;
  /** Context of the kubeconfig; empty for the current one. */
  readonly context: string;
  readonly namespaces: { readonly database: string; readonly app: string; readonly observability: string };
  readonly nodes: number;
  readonly replicationFactor: number;
  readonly readerUserEnabled: boolean;
  readonly loadEnabled: boolean;
  /** Deployments of the observability namespace that are asked for. */
  readonly observability: readonly string[];
  /** Address of the backups. May hold keys in its parameters: shown without them. */
  readonly backupDestination: string;
  /** Whether backups are encrypted: the setting `backupPassphrase`, whose value is not read here. */
  readonly backupEncrypted: boolean;
}

/** Reads a stack's settings: its own file over the defaults. Throws UnknownStack. */
export function readTarget(stack: string, directory: string = PROJECT): Target {
  const { project, config } = readSettings(directory, stack);
  const text = (key: string) => config[`${project}:${key}`] ?? '';
  const is = (key: string) => text(key) === 'true';
  return {
    stack,
    context: text('context'),
    namespaces: {
      database: text('databaseNamespace'),
      app: text('appNamespace'),
      observability: text('observabilityNamespace'),
    },
    nodes: Number(text('nodes')),
    replicationFactor: Number(text('replicationFactor')),
    readerUserEnabled: is('readerUserEnabled'),
    loadEnabled: is('loadEnabled'),
    observability: [
      ...(is('prometheusEnabled') ? ['prometheus'] : []),
      ...(is('prometheusEnabled') && is('grafanaEnabled') ? ['grafana'] : []),
    ],
    backupDestination: text('backupDestination'),
    backupEncrypted: text('backupPassphrase') !== '',
  };
}

/** The stacks that are phases of the evolution (`phase<number>`), in their order. */
export function readPhases(directory: string = PROJECT): Target[] {
  return stackNames(directory)
    .filter((name) => /^phase\d+$/.test(name))
    .sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)))
    .map((name) => readTarget(name, directory));
}

export function databaseAddress({ context, namespaces }: Target): DatabaseAddress {
  return { context, namespace: namespaces.database };
}

/** `kubectl` with what leads to the namespace, for a command that is shown. */
export function kubectl({ context }: Pick<Target, 'context'>, namespace: string): string {
  return `kubectl ${context === '' ? '' : `--context ${context} `}-n ${namespace}`;
}

/** The command that runs a statement as root within a database pod, for a person to type. */
export function sqlByHand(target: Target, statement: string): string {
  const pod = `${kubectl(target, target.namespaces.database)} exec crdb-0 -c db --`;
  const text = statement.replaceAll("'", `'\\''`);
  return `${pod} /cockroach/cockroach sql --certs-dir=/cockroach/cockroach-certs -e '${text}'`;
}
