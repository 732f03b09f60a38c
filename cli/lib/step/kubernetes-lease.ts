import { CoordinationV1Api, type V1Lease, V1MicroTime } from '@kubernetes/client-node';
import { connectKubernetes } from '../../../components/database/kubernetes.ts';
import { within } from '../../../components/database/waiting.ts';
import { cliError } from '../errors.ts';
import { databaseAddress, type Target } from '../phase/settings.ts';
import type { LeaseStore } from './lease.ts';

/** It is there before the database's own namespace is, and after it. */
const NAMESPACE = 'default';
const ANSWER_SECONDS = 15;
/** For who reads the object: how long it counts without being renewed. */
const DURATION_SECONDS = 30;

/**
 * A Lease in the cluster itself, one for each namespace that a database may live in. Whoever works on the same cluster meets it, from
 * whatever machine and checkout, and wherever the state lies. Throws EVO-302 when Kubernetes does not answer, or refuses.
 */
export function kubernetesLease(target: Target): LeaseStore {
  // A step that was told to end renews it until it has ended, and gives it back then.
  const { signal } = new AbortController();
  const name = `crdb-evolution-${target.namespaces.database}`;
  const at = { name, namespace: NAMESPACE };
  const ask = async <T>(call: (api: CoordinationV1Api) => Promise<T>): Promise<T | null> => {
    try {
      const { kubeconfig } = connectKubernetes(databaseAddress(target), signal);
      const answer = call(kubeconfig.makeApiClient(CoordinationV1Api));
      return await within(answer, ANSWER_SECONDS, 'the API server', signal);
    } catch (error) {
      const { code, message } = error as { code?: unknown; message: string };
      if (code === 404 || code === 409) return null;
      const problem =
        typeof code === 'number'
          ? `the Lease ${name} of namespace ${NAMESPACE}, which keeps two steps apart, was answered with ${code}`
          : message;
      throw cliError('EVO-302', { problem });
    }
  };
  const lease = (holder: string, version?: string): V1Lease => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { ...at, ...(version === undefined ? {} : { resourceVersion: version }) },
    spec: {
      holderIdentity: holder,
      leaseDurationSeconds: DURATION_SECONDS,
      renewTime: new V1MicroTime(),
    },
  });
  const versionOf = (written: V1Lease | null) => written?.metadata?.resourceVersion ?? null;
  return {
    read: async () => {
      const found = await ask((api) => api.readNamespacedLease(at));
      const version = versionOf(found);
      return version === null ? null : { holder: found?.spec?.holderIdentity ?? '', version };
    },
    create: async (holder) =>
      versionOf(await ask((api) => api.createNamespacedLease({ namespace: NAMESPACE, body: lease(holder) }))),
    write: async (holder, version) =>
      versionOf(await ask((api) => api.replaceNamespacedLease({ ...at, body: lease(holder, version) }))),
    remove: async (version) => {
      const body = { preconditions: { resourceVersion: version } };
      await ask((api) => api.deleteNamespacedLease({ ...at, body }));
    },
  };
}
