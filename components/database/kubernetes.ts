import {
  AppsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  type KubeConfig,
  PatchStrategy,
  StorageV1Api,
  setHeaderOptions,
  type V1PersistentVolumeClaim,
  type V1Pod,
  type V1StatefulSet,
  type V1StorageClass,
} from '@kubernetes/client-node';
import { namesOf } from '../names.ts';
import { loadKubeconfig } from './kubeconfig.ts';
import { stop, within } from './waiting.ts';

/** All that is needed to find the database. */
export interface DatabaseAddress {
  /** Context of the kubeconfig; empty for the current one. */
  readonly context: string;
  /** Namespace of the CrdbCluster. */
  readonly namespace: string;
  /** Name of the CrdbCluster; `crdb` if absent. */
  readonly cluster?: string;
  /** Name of the Secret there with root's client certificate; `<cluster>-root-tls` if absent. */
  readonly rootSecret?: string;
}

/** What is read of a CrdbCluster. Source: operator v2.18.3, `apis/v1alpha1/cluster_types.go`. */
export interface CrdbCluster {
  readonly metadata?: {
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    /** Who set which fields; read for the names of the managers. */
    readonly managedFields?: readonly { readonly manager?: string }[];
  };
  readonly spec: {
    readonly nodes: number;
    readonly dataStore?: {
      readonly pvc?: {
        readonly spec?: { readonly resources?: { readonly requests?: { readonly storage?: string } } };
      };
    };
  };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly operatorActions?: readonly OperatorAction[];
  };
}

/** How it last went when the operator did one kind of thing: there is one entry a kind, and only for those that failed once. */
export interface OperatorAction {
  readonly type: string;
  /** `Failed`, `Finished` or `Unknown`. */
  readonly status: string;
  readonly message?: string;
  /** ISO 8601. Of a failure: when it was last tried. */
  readonly lastTransitionTime?: string;
}

/** The few things that are asked of the API server. Each throws an error that says what to do, and takes 15 s at most. */
export interface Kubernetes {
  readonly kubeconfig: KubeConfig;
  readonly namespace: string;
  /** Name of the CrdbCluster. */
  readonly name: string;
  /** Name of the Secret with root's client certificate. */
  readonly rootSecret: string;
  /** null when there is none, or no such kind at all. */
  cluster(): Promise<CrdbCluster | null>;
  /** Has the operator look at the CrdbCluster again: an annotation is set and taken back. */
  wake(): Promise<void>;
  statefulSet(): Promise<V1StatefulSet | null>;
  /** The database pods, by name, but those that are being deleted. */
  pods(): Promise<V1Pod[]>;
  /** The claims of the database pods' disks, by name, also those of pods that are gone. */
  disks(): Promise<V1PersistentVolumeClaim[]>;
  /** All of the Kubernetes cluster. */
  storageClasses(): Promise<V1StorageClass[]>;
  /** Messages of warnings about an object of the namespace, oldest first. */
  warnings(kind: string, name: string): Promise<string[]>;
  /** Of the Secret, the text of each key; null when there is no such Secret. */
  secret(name: string): Promise<Record<string, string> | null>;
}

const ANSWER_SECONDS = 15;

/** Throws when the kubeconfig has no such context. Nothing is sent yet. */
export function connectKubernetes(address: DatabaseAddress, signal: AbortSignal): Kubernetes {
  const kubeconfig = loadKubeconfig(address.context);
  const { namespace } = address;
  const names = namesOf(address.cluster);
  const name = names.cluster;
  const apps = kubeconfig.makeApiClient(AppsV1Api);
  const core = kubeconfig.makeApiClient(CoreV1Api);
  const custom = kubeconfig.makeApiClient(CustomObjectsApi);
  const storage = kubeconfig.makeApiClient(StorageV1Api);
  const context = kubeconfig.getCurrentContext();
  const ask = async <T>(promise: Promise<T>): Promise<T | null> => {
    try {
      return await within(promise, ANSWER_SECONDS, 'the API server', signal);
    } catch (error) {
      signal.throwIfAborted();
      if ((error as { code?: unknown }).code === 404) return null;
      throw explain(error as Error, context);
    }
  };
  const object = {
    group: 'crdb.cockroachlabs.com',
    version: 'v1alpha1',
    plural: 'crdbclusters',
    namespace,
    name,
  };
  const labelSelector = Object.entries(names.pods)
    .map((pair) => pair.join('='))
    .join(',');
  return {
    kubeconfig,
    namespace,
    name,
    rootSecret: address.rootSecret ?? names.rootSecret,
    cluster: () => ask(custom.getNamespacedCustomObject(object) as Promise<CrdbCluster>),
    wake: async () => {
      for (const value of ['now', null])
        await ask(
          custom.patchNamespacedCustomObject(
            {
              ...object,
              body: { metadata: { annotations: { 'cockroachdb-live-evolution/look': value } } },
            },
            setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
          ),
        );
    },
    statefulSet: () => ask(apps.readNamespacedStatefulSet({ name, namespace })),
    pods: async () => {
      const list = await ask(core.listNamespacedPod({ namespace, labelSelector }));
      const items = (list?.items ?? []).filter((pod) => pod.metadata?.deletionTimestamp === undefined);
      return items.sort(byName);
    },
    // A StatefulSet gives its claims the labels of its selector.
    disks: async () =>
      ((await ask(core.listNamespacedPersistentVolumeClaim({ namespace, labelSelector })))?.items ?? []).sort(
        byName,
      ),
    storageClasses: async () => (await ask(storage.listStorageClass()))?.items ?? [],
    warnings: async (kind, of) => {
      const fieldSelector = `type=Warning,involvedObject.kind=${kind},involvedObject.name=${of}`;
      const list = await ask(core.listNamespacedEvent({ namespace, fieldSelector }));
      const time = (event: { lastTimestamp?: Date; eventTime?: Date }) =>
        Number(event.lastTimestamp ?? event.eventTime ?? 0);
      return (list?.items ?? []).sort((a, b) => time(a) - time(b)).map((event) => event.message ?? '');
    },
    secret: async (secret) => {
      const data = (await ask(core.readNamespacedSecret({ name: secret, namespace })))?.data;
      if (data === undefined) return null;
      return Object.fromEntries(
        Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
      );
    },
  };
}

function explain(error: Error & { code?: unknown; body?: unknown }, context: string): Error {
  const { code } = error;
  const server = `The Kubernetes cluster of context "${context}"`;
  const next = 'To see why: npm run doctor';
  // Credentials that are refused will be refused again.
  if (code === 401 || code === 403)
    return stop(`${server} refuses this user: ${serverMessage(error.body)}. ${next}`);
  if (typeof code === 'number')
    return new Error(`${server} answered ${code}: ${serverMessage(error.body)}. ${next}`);
  return new Error(`${server} cannot be reached: ${error.message}. ${next}`);
}

/** The server's own message. The library's contains the whole response with its headers. */
export function serverMessage(body: unknown): string {
  try {
    const status = (typeof body === 'string' ? JSON.parse(body) : body) as { message?: string };
    return status.message ?? 'it does not say why';
  } catch {
    return String(body).slice(0, 200);
  }
}

function byName(a: { metadata?: { name?: string } }, b: { metadata?: { name?: string } }): number {
  return (a.metadata?.name ?? '').localeCompare(b.metadata?.name ?? '');
}

/** Whether the pod's readiness probe succeeds. */
export function isReady(pod: V1Pod): boolean {
  return (pod.status?.conditions ?? []).some((c) => c.type === 'Ready' && c.status === 'True');
}
