import { AppsV1Api, CoreV1Api, DiscoveryV1Api, type KubeConfig, type V1Pod } from '@kubernetes/client-node';
import { isReady } from '../../../components/database/kubernetes.ts';
import { within } from '../../../components/database/waiting.ts';

/** How many pods of a Deployment are there and ready. */
export interface Workload {
  readonly name: string;
  readonly wanted: number;
  readonly ready: number;
  /** Containers that were started again, of the pods that are there. */
  readonly restarts: number;
}

/** What is asked of the API server beyond the database itself. Each answers within 15 s, or throws. */
export interface Workloads {
  /** null when there is no such Deployment. */
  deployment(namespace: string, name: string): Promise<Workload | null>;
  /** Pods behind a label, those that are being deleted left out. */
  pods(namespace: string, labels: Readonly<Record<string, string>>): Promise<V1Pod[]>;
  /** How many ready addresses a Service leads to; null when there is no such Service. */
  endpoints(namespace: string, service: string): Promise<number | null>;
}

const ANSWER_SECONDS = 15;

export function kubernetesWorkloads(kubeconfig: KubeConfig, signal: AbortSignal): Workloads {
  const apps = kubeconfig.makeApiClient(AppsV1Api);
  const core = kubeconfig.makeApiClient(CoreV1Api);
  const discovery = kubeconfig.makeApiClient(DiscoveryV1Api);
  const ask = async <T>(promise: Promise<T>): Promise<T | null> => {
    try {
      return await within(promise, ANSWER_SECONDS, 'the API server', signal);
    } catch (error) {
      if ((error as { code?: unknown }).code === 404) return null;
      throw error;
    }
  };
  const selector = (labels: Readonly<Record<string, string>>) =>
    Object.entries(labels)
      .map((pair) => pair.join('='))
      .join(',');
  const pods = async (namespace: string, labels: Readonly<Record<string, string>>) => {
    const list = await ask(core.listNamespacedPod({ namespace, labelSelector: selector(labels) }));
    return (list?.items ?? []).filter((pod) => pod.metadata?.deletionTimestamp === undefined);
  };
  return {
    pods,
    deployment: async (namespace, name) => {
      const found = await ask(apps.readNamespacedDeployment({ namespace, name }));
      if (found === null) return null;
      const own = await pods(namespace, found.spec?.selector.matchLabels ?? {});
      return {
        name,
        wanted: found.spec?.replicas ?? 1,
        ready: own.filter(isReady).length,
        restarts: own.reduce((sum, pod) => sum + restartsOf(pod), 0),
      };
    },
    endpoints: async (namespace, service) => {
      if ((await ask(core.readNamespacedService({ namespace, name: service }))) === null) return null;
      const labelSelector = selector({ 'kubernetes.io/service-name': service });
      const slices = await ask(discovery.listNamespacedEndpointSlice({ namespace, labelSelector }));
      const ready = (slices?.items ?? []).flatMap((slice) =>
        slice.endpoints.filter((endpoint) => endpoint.conditions?.ready !== false),
      );
      return ready.length;
    },
  };
}

export function restartsOf(pod: V1Pod): number {
  return (pod.status?.containerStatuses ?? []).reduce((sum, status) => sum + status.restartCount, 0);
}
