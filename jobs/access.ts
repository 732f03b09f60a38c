import type { NodeAccess } from '../components/database/access.ts';
import { dial } from '../components/database/address-access.ts';
import type { Kubernetes } from '../components/database/kubernetes.ts';
import { kubernetesAccess } from '../components/database/kubernetes-access.ts';
import { PORTS } from '../components/names.ts';

/** The database pods at their own names in the cluster's DNS, which their certificate has. From a pod, no port-forward is needed. */
export function clusterAccess(kubernetes: Kubernetes): NodeAccess {
  const access = kubernetesAccess(kubernetes);
  return { ...access, tunnel: (pod, port) => dial(access.host(pod), PORTS[port]) };
}
