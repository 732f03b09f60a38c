/** The default name of a CrdbCluster, and so of its StatefulSet, pods (`crdb-0`, ...) and headless Service. */
export const CLUSTER = 'crdb';
/** Namespace in the operator's manifest. */
export const OPERATOR_NAMESPACE = 'cockroach-operator-system';

/** The names of what belongs to one CrdbCluster. They differ between clusters, so that one namespace can hold several. */
export function namesOf(cluster: string = CLUSTER) {
  return {
    cluster,
    /** The two Services that applications use. Never renamed: connection URLs hold them. */
    writer: `${cluster}-writer`,
    reader: `${cluster}-reader`,
    /** The Service that the operator makes and connects to. */
    public: `${cluster}-public`,
    /** Secrets, each with `ca.crt`, `tls.crt` and `tls.key`. The operator mounts the first two into the pods. */
    nodeSecret: `${cluster}-node-tls`,
    /** The client certificate of root, with which the program itself reaches the database. */
    rootSecret: `${cluster}-root-tls`,
    loadSecret: `${cluster}-loadgen-tls`,
    /** The load generator's Deployment. */
    load: `${cluster}-loadgen`,
    /** Labels that the operator gives the database pods. Source: facts of operator v2.18.3. */
    pods: {
      'app.kubernetes.io/name': 'cockroachdb',
      'app.kubernetes.io/instance': cluster,
      'app.kubernetes.io/component': 'database',
    },
  } as const;
}

/** Those of the cluster that this program makes. */
export const {
  writer: WRITER,
  reader: READER,
  nodeSecret: NODE_SECRET,
  rootSecret: ROOT_SECRET,
  loadSecret: LOAD_SECRET,
  load: LOAD,
  pods: DATABASE_PODS,
} = namesOf();

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
