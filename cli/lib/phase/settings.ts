import type { DatabaseAddress } from '../../../components/database/kubernetes.ts';
import { SETTINGS } from '../../../components/settings.ts';
import {
  checkSettings,
  nearest,
  type Problem,
  problemList,
  readSome,
} from '../../../components/settings-check.ts';
import { cliError } from '../errors.ts';
import { singleQuoted } from '../machine/shell.ts';
import { PROJECT } from '../program/evaluate.ts';
import { phaseNames, readSettings, readStackFile } from '../program/settings.ts';

/** The settings of a phase that an inspection of its cluster needs. */
export interface Target {
  /** The stack whose settings these are, e.g. `phase0`. */
  readonly stack: string;
  /** Context of the kubeconfig; empty for the current one. */
  readonly context: string;
  readonly namespaces: { readonly database: string; readonly app: string; readonly observability: string };
  readonly nodes: number;
  readonly replicationFactor: number;
  readonly readerUserEnabled: boolean;
  /** Disk of each node. */
  readonly storageSize: string;
  readonly loadEnabled: boolean;
  /** Deployments of the observability namespace that the settings enable. */
  readonly observability: readonly string[];
  /** Address of the backups. May hold keys in its parameters: shown without them. */
  readonly backupDestination: string;
  /** Whether backups are encrypted: the setting `backupPassphrase`, whose value is not read here. */
  readonly backupEncrypted: boolean;
}

/** The settings that an inspection of a cluster needs, besides `backupPassphrase`. */
const LOOKED_AT = SETTINGS.pick({
  nodes: true,
  replicationFactor: true,
  readerUserEnabled: true,
  storageSize: true,
  context: true,
  databaseNamespace: true,
  appNamespace: true,
  observabilityNamespace: true,
  loadEnabled: true,
  prometheusEnabled: true,
  grafanaEnabled: true,
  backupDestination: true,
});

/** Reads a stack's settings: its own file over the defaults. Throws UnknownStack, EVO-208 for an invalid value, and EVO-705. */
export function readTarget(stack: string, directory: string = PROJECT): Target {
  const values = valuesOf(stack, directory);
  const { settings, problems } = readSome(LOOKED_AT, values, stack);
  if (settings === null) throw refused(stack, problems);
  return {
    stack,
    context: settings.context,
    namespaces: {
      database: settings.databaseNamespace,
      app: settings.appNamespace,
      observability: settings.observabilityNamespace,
    },
    nodes: settings.nodes,
    replicationFactor: settings.replicationFactor,
    readerUserEnabled: settings.readerUserEnabled,
    storageSize: settings.storageSize,
    loadEnabled: settings.loadEnabled,
    observability: [
      ...(settings.prometheusEnabled ? ['prometheus'] : []),
      ...(settings.prometheusEnabled && settings.grafanaEnabled ? ['grafana'] : []),
    ],
    backupDestination: settings.backupDestination,
    backupEncrypted: (values.backupPassphrase ?? '') !== '',
  };
}

/** The settings of a stack by their names, as text. */
export function valuesOf(stack: string, directory: string): Readonly<Record<string, string>> {
  const { project, config } = readSettings(directory, stack);
  return Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) =>
      key.startsWith(`${project}:`) ? [[key.slice(project.length + 1), value]] : [],
    ),
  );
}

/** All that is wrong with the settings of a stack: what the program would refuse in its preview, and what Pulumi ignores. */
export function settingsProblems(stack: string, directory: string = PROJECT): readonly Problem[] {
  const { config: _, ...rest } = readStackFile(directory, stack) ?? { config: {} };
  const outside = Object.keys(rest).flatMap((key) => {
    const name = nearest(key.replace(/^.*:/, ''));
    if (name === undefined || PULUMIS_OWN.includes(key)) return [];
    const text = `${key} is outside of "config", where Pulumi ignores it: remove that line, and`;
    return [{ key, text, command: `pulumi config set ${name} <value> -s ${stack}` }];
  });
  return [...outside, ...checkSettings(valuesOf(stack, directory), stack).problems];
}

/** Keys of a stack's file beside `config`. */
const PULUMIS_OWN = ['secretsprovider', 'encryptedkey', 'encryptionsalt', 'environment'];

/** Throws EVO-208 when something is wrong with the settings of a stack. */
export function requireSettings(stack: string, directory: string = PROJECT): void {
  const problems = settingsProblems(stack, directory);
  if (problems.length > 0) throw refused(stack, problems);
}

function refused(stack: string, problems: readonly Problem[]): Error {
  return cliError('EVO-208', { stack, problems: problemList(problems) });
}

/** The settings of each phase of the evolution, in their order. */
export function readPhases(directory: string = PROJECT): Target[] {
  return phaseNames(directory).map((name) => readTarget(name, directory));
}

export function databaseAddress({ context, namespaces }: Target): DatabaseAddress {
  return { context, namespace: namespaces.database };
}

/** `kubectl` with its context and namespace, for a command that is shown. */
export function kubectl({ context }: Pick<Target, 'context'>, namespace: string): string {
  return `kubectl ${context === '' ? '' : `--context ${context} `}-n ${namespace}`;
}

/** The command that runs a statement as root within a database pod, for a person to type. */
export function sqlByHand(target: Target, statement: string): string {
  const pod = `${kubectl(target, target.namespaces.database)} exec crdb-0 -c db --`;
  return `${pod} /cockroach/cockroach sql --certs-dir=/cockroach/cockroach-certs -e ${singleQuoted(statement)}`;
}
