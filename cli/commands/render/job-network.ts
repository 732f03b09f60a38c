import { DATABASE_PODS, PORTS, selector } from '../../../components/names.ts';
import { EVOLUTION } from '../../../jobs/names.ts';
import { jobLabels } from './job.ts';

/** The Job talks to the database and to the API server, and nobody talks to it. The namespace's own policies let it look up names. */
export function jobPolicies(namespace: string): object[] {
  const job = { podSelector: { matchLabels: selector(EVOLUTION) } };
  const database = { podSelector: { matchLabels: DATABASE_PODS } };
  const ports = tcp(PORTS.sql, PORTS.http);
  return [
    policy(namespace, EVOLUTION, job.podSelector, {
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      // The API server is no pod, and has another address in every cluster.
      egress: [{ to: [database], ports }, { ports: tcp(443, 6443) }],
    }),
    policy(namespace, `${EVOLUTION}-database`, database.podSelector, {
      policyTypes: ['Ingress'],
      ingress: [{ from: [job], ports }],
    }),
  ];
}

function policy(namespace: string, name: string, podSelector: object, rules: object) {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace, labels: jobLabels() },
    spec: { podSelector, ...rules },
  };
}

function tcp(...ports: number[]) {
  return ports.map((port) => ({ protocol: 'TCP', port }));
}
