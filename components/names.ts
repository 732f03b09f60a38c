/** The name of the CrdbCluster, and so of its StatefulSet, pods (`crdb-0`, ...) and headless Service. */
export const CLUSTER = 'crdb';
/** Namespace in the operator's manifest. */
export const OPERATOR_NAMESPACE = 'cockroach-operator-system';
/** The two Services that applications use. Never renamed: connection URLs hold them. */
export const WRITER = 'crdb-writer';
export const READER = 'crdb-reader';

/** Secret with root's client certificate (ca.crt, tls.crt, tls.key): how the program itself reaches the database. */
export const ROOT_SECRET = `${CLUSTER}-root-tls`;

export const DATABASE = 'evolution';
export const USERS = { writer: 'app_writer', reader: 'app_reader', load: 'loadgen' } as const;

export const PORTS = {
  sql: 26257,
  rpc: 26258,
  http: 8080,
  app: 8080,
  load: 2112,
  prometheus: 9090,
  grafana: 3000,
} as const;

/** Labels that the operator gives the database pods. Source: facts of operator v2.18.3. */
export const DATABASE_PODS = {
  'app.kubernetes.io/name': 'cockroachdb',
  'app.kubernetes.io/instance': CLUSTER,
  'app.kubernetes.io/component': 'database',
} as const;

/** Who made an object, by its label: the program, or `kubectl apply -k k8s/<phase>`. Neither changes what is the other's. */
export const MANAGED_BY = {
  label: 'app.kubernetes.io/managed-by',
  program: 'pulumi',
  kustomize: 'kustomize',
} as const;

/** The recommended labels of Kubernetes for a part of this project. */
export function labels(name: string, component: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/component': component,
    'app.kubernetes.io/part-of': 'cockroachdb-live-evolution',
    [MANAGED_BY.label]: MANAGED_BY.program,
  };
}

/** Selects the pods of a part. */
export function selector(name: string): Record<string, string> {
  return { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'cockroachdb-live-evolution' };
}
