import { PORTS } from '../names.ts';
import type { NodeAccess } from './access.ts';
import type { Certificates } from './certificates.ts';
import { isReady, type Kubernetes } from './kubernetes.ts';
import { tunnel } from './tunnel.ts';
import { stop } from './waiting.ts';

/** The database pods, behind port-forwards through the API server. */
export function kubernetesAccess(kubernetes: Kubernetes): NodeAccess {
  const { namespace, name } = kubernetes;
  return {
    nodes: async () =>
      (await kubernetes.pods()).map((pod) => ({
        name: pod.metadata?.name ?? '',
        ready: isReady(pod),
        state: `${pod.status?.phase}, not ready`,
      })),
    certificates: () => readCertificates(kubernetes),
    tunnel: (pod, port) => tunnel(kubernetes.kubeconfig, namespace, pod, PORTS[port]),
    host: (pod) => `${pod}.${name}.${namespace}`,
    lookAt: `kubectl -n ${namespace} get pods`,
  };
}

async function readCertificates(kubernetes: Kubernetes): Promise<Certificates> {
  const { rootSecret, namespace } = kubernetes;
  const secret = await kubernetes.secret(rootSecret);
  const { 'ca.crt': ca, 'tls.crt': cert, 'tls.key': key } = secret ?? {};
  if (ca && cert && key) return { ca, cert, key };
  throw stop(
    `The Secret ${rootSecret} of namespace ${namespace} ${secret === null ? 'is not there' : 'lacks ca.crt, tls.crt or tls.key'}: it holds the certificate of root, and is made by this program (Certificates).`,
  );
}
