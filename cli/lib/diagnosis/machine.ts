import { execFile } from 'node:child_process';
import {
  ApiextensionsV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  StorageV1Api,
  type V1Namespace,
  VersionApi,
} from '@kubernetes/client-node';
import { connectKubernetes } from '../../../components/database/kubernetes.ts';
import { within } from '../../../components/database/waiting.ts';
import { amountOf } from '../../../components/quantity.ts';
import { isFree } from '../machine/ports.ts';
import { readStackFile, stackNames } from '../program/settings.ts';
import { findCli } from '../pulumi/find.ts';
import { wrongFor } from '../pulumi/passphrase.ts';

/** What a Kubernetes cluster can offer, in bytes and thousandths of a CPU. */
export interface Capacity {
  readonly nodes: number;
  readonly cpu: { readonly total: number; readonly free: number };
  readonly memory: { readonly total: number; readonly free: number };
}

export interface KubernetesFacts {
  readonly context: string;
  readonly version: string;
  /** Namespaces that are being deleted. */
  readonly terminating: readonly string[];
  /** Names; the default one first. */
  readonly storageClasses: readonly string[];
  readonly hasDefaultStorageClass: boolean;
  /** What the program needs and this user may not do, e.g. `create namespaces`. */
  readonly forbidden: readonly string[];
  readonly capacity: Capacity;
  /** The smallest number of nodes that the operator's CRD accepts; null when the CRD is not installed. */
  readonly operator: { readonly minimumNodes: number } | null;
}

/** What the doctor reads of this machine. Nothing here changes anything. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly node: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The lines that a program prints. Throws when it is not installed, or fails. */
  lines(command: string, args: readonly string[]): Promise<string[]>;
  /** Version of the Pulumi CLI. Throws a CliError. */
  pulumi(): string;
  /** The stacks that a passphrase does not open. */
  wrongFor(passphrase: string): Promise<string[]>;
  /** Whether nothing listens on a port of this machine. */
  isFree(port: number): Promise<boolean>;
  /** Throws what is wrong with the context, in words. Empty for the current one. */
  kubernetes(context: string): Promise<KubernetesFacts>;
  /** The file of a stack, parsed; null when there is none that can be read. */
  stackFile(stack: string): Readonly<Record<string, unknown>> | null;
}

const SECONDS = 10;

export function thisMachine(directory: string): Machine {
  return {
    platform: process.platform,
    node: process.versions.node,
    env: process.env,
    lines: (command, args) =>
      new Promise((resolve, reject) => {
        execFile(command, [...args], { timeout: SECONDS * 1000 }, (error, stdout, stderr) => {
          if (error === null)
            return resolve(
              stdout
                .trim()
                .split('\n')
                .filter((line) => line !== ''),
            );
          const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
          reject(new Error(missing ? 'not found' : stderr.trim().split('\n')[0] || error.message));
        });
      }),
    pulumi: () => findCli(directory).version,
    wrongFor: (passphrase) => wrongFor(passphrase, directory, readable(directory)),
    isFree,
    kubernetes: readKubernetes,
    stackFile: (stack) => {
      try {
        return readStackFile(directory, stack);
      } catch {
        // A problem with it is reported with the settings.
        return null;
      }
    },
  };
}

/** The stacks whose files are YAML. */
function readable(directory: string): string[] {
  return stackNames(directory).filter((stack) => {
    try {
      return readStackFile(directory, stack) !== null;
    } catch {
      return false;
    }
  });
}

/** Names of the namespaces that are being deleted. */
export function terminatingOf(namespaces: readonly V1Namespace[]): string[] {
  return namespaces
    .filter(({ status, metadata }) => status?.phase === 'Terminating' || metadata?.deletionTimestamp)
    .map(({ metadata }) => metadata?.name ?? '');
}

/** What the program creates and an ordinary user may not: checked with SelfSubjectAccessReview, which changes nothing. */
const NEEDED = [
  { group: '', resource: 'namespaces' },
  { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' },
  { group: 'rbac.authorization.k8s.io', resource: 'clusterroles' },
  { group: 'admissionregistration.k8s.io', resource: 'validatingwebhookconfigurations' },
  // The lock that keeps two steps apart.
  { group: 'coordination.k8s.io', resource: 'leases' },
];
const CRD = 'crdbclusters.crdb.cockroachlabs.com';

async function readKubernetes(context: string): Promise<KubernetesFacts> {
  const signal = new AbortController().signal;
  const { kubeconfig } = connectKubernetes({ context, namespace: 'default' }, signal);
  const ask = <T>(promise: Promise<T>) => within(promise, SECONDS, 'the API server', signal);
  const version = (await ask(kubeconfig.makeApiClient(VersionApi).getCode())).gitVersion;
  const core = kubeconfig.makeApiClient(CoreV1Api);
  const review = kubeconfig.makeApiClient(AuthorizationV1Api);
  const [classes, nodes, pods, crds, namespaces, ...allowed] = await Promise.all([
    ask(kubeconfig.makeApiClient(StorageV1Api).listStorageClass()),
    ask(core.listNode()),
    ask(core.listPodForAllNamespaces({})),
    ask(kubeconfig.makeApiClient(ApiextensionsV1Api).listCustomResourceDefinition()),
    ask(core.listNamespace()),
    ...NEEDED.map(({ group, resource }) =>
      ask(
        review.createSelfSubjectAccessReview({
          body: { spec: { resourceAttributes: { group, resource, verb: 'create' } } },
        }),
      ),
    ),
  ]);
  const isDefault = (item: (typeof classes.items)[number]) =>
    item.metadata?.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
  const sorted = [...classes.items].sort((a, b) => Number(isDefault(b)) - Number(isDefault(a)));
  const minimum = (
    crds.items.find((item) => item.metadata?.name === CRD)?.spec.versions[0]?.schema?.openAPIV3Schema
      ?.properties?.spec?.properties?.nodes as { minimum?: number } | undefined
  )?.minimum;
  return {
    context: kubeconfig.getCurrentContext(),
    version,
    terminating: terminatingOf(namespaces.items),
    storageClasses: sorted.map((item) => item.metadata?.name ?? ''),
    hasDefaultStorageClass: sorted.some(isDefault),
    forbidden: NEEDED.flatMap(({ resource }, i) =>
      allowed[i]?.status?.allowed === true ? [] : [`create ${resource}`],
    ),
    capacity: capacityOf(nodes.items, pods.items),
    operator: crds.items.some((item) => item.metadata?.name === CRD) ? { minimumNodes: minimum ?? 1 } : null,
  };
}

interface NodeLike {
  readonly spec?: { readonly unschedulable?: boolean };
  readonly status?: { readonly allocatable?: Readonly<Record<string, string>> };
}
interface PodLike {
  readonly status?: { readonly phase?: string };
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers: readonly {
      readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
    }[];
  };
}

/** What the nodes can allocate, less what the running pods request. */
export function capacityOf(nodes: readonly NodeLike[], pods: readonly PodLike[]): Capacity {
  const usable = nodes.filter((node) => node.spec?.unschedulable !== true);
  const running = pods.filter(
    ({ status, spec }) => spec?.nodeName && !/Succeeded|Failed/.test(status?.phase ?? ''),
  );
  const asked = (key: string) =>
    running
      .flatMap((pod) => pod.spec?.containers ?? [])
      .reduce((sum, container) => sum + amountOf(container.resources?.requests?.[key]), 0);
  const part = (key: string, scale: number) => {
    const total = usable.reduce((sum, node) => sum + amountOf(node.status?.allocatable?.[key]), 0) * scale;
    return { total, free: total - asked(key) * scale };
  };
  return { nodes: usable.length, cpu: part('cpu', 1000), memory: part('memory', 1) };
}
