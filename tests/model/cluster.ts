import { KubeConfig } from '@kubernetes/client-node';
import { period, recordingApp, witness } from '../../cli/lib/cluster/cluster.testing.ts';
import type { ClusterClients } from '../../cli/lib/cluster/inspect.ts';
import { node, recorder } from '../../components/database/recorder.testing.ts';
import type { Row } from '../../components/database/sql.ts';
import { copiesOf } from '../../components/database/zones.ts';
import { CLUSTER, ROOT_SECRET } from '../../components/names.ts';

interface Taken {
  readonly path: string;
  /** How far the cluster had been asked to go when it was taken. */
  readonly nodes: number;
  readonly replicationFactor: number;
  verified: boolean;
}

/** A database of one namespace. Everything that must never happen to it throws `Broken`, there and then. */
export class Database {
  /** What was asked of it. 0 nodes: there is no CrdbCluster. */
  nodes = 0;
  replicationFactor = 0;
  live = 0;
  hasTables = false;
  readonly users = new Set<string>(['root']);
  readonly backups: Taken[] = [];
  readonly app = unharmedApp();

  ask(nodes: number): void {
    if (nodes < this.nodes) throw new Broken(`fewer nodes are asked for: ${this.nodes} => ${nodes}`);
    if (nodes > this.nodes) this.#mustHaveBackup(`${this.nodes} => ${nodes} nodes`);
    this.nodes = nodes;
  }

  replicate(replicationFactor: number): void {
    const change = `${this.replicationFactor} => ${replicationFactor} copies`;
    if (replicationFactor < this.replicationFactor) throw new Broken(`fewer copies are asked for: ${change}`);
    if (replicationFactor > this.live) throw new Broken(`more copies than nodes: ${change}`);
    if (replicationFactor > this.replicationFactor) this.#mustHaveBackup(change);
    this.replicationFactor = replicationFactor;
  }

  /** One that was taken since the step before, and looked through. */
  #mustHaveBackup(step: string): void {
    if (!this.hasTables || this.replicationFactor === 0) return;
    const own = this.backups.filter(
      (taken) => taken.verified && taken.replicationFactor === this.replicationFactor,
    );
    const isNodes = step.endsWith('nodes');
    if (!own.some(({ nodes }) => !isNodes || nodes === this.nodes))
      throw new Broken(`${step} without a verified backup of the state before`);
  }

  answer(text: string, values: readonly string[] = []): Row[] {
    const { replicas, voters } = copiesOf(Math.max(1, this.replicationFactor));
    const set = (count: number) => `{${Array.from({ length: count }, (_, i) => i + 1).join(',')}}`;
    if (text === 'SHOW ALL ZONE CONFIGURATIONS')
      return [
        {
          target: 'RANGE default',
          raw_config_sql: `ALTER RANGE default CONFIGURE ZONE USING num_replicas = ${replicas}, num_voters = ${voters}`,
        },
      ];
    if (text === 'SHOW CLUSTER RANGES')
      return [{ voting_replicas: set(voters), non_voting_replicas: set(replicas - voters) }];
    if (text === 'SHOW USERS') return [...this.users].map((username) => ({ username }));
    if (text === 'SHOW DATABASES') return this.hasTables ? [{ database_name: 'evolution' }] : [];
    if (text.startsWith('SHOW TABLES')) return this.hasTables ? [{ table_name: 'login_events' }] : [];
    if (text.startsWith('SHOW BACKUPS')) return this.backups.map(({ path }) => ({ path }));
    if (text.startsWith('SHOW JOB')) return [{ status: 'succeeded', fraction_completed: '1', error: '' }];
    if (text.startsWith('BACKUP')) {
      const path = `/2026/06/12-${String(100000 + this.backups.length)}.00`;
      const { nodes, replicationFactor } = this;
      this.backups.push({ path, nodes, replicationFactor, verified: false });
      return [{ job_id: String(this.backups.length) }];
    }
    if (text.startsWith('SHOW BACKUP FROM')) {
      const taken = this.backups.find(({ path }) => path === values[0]);
      if (taken !== undefined) taken.verified = true;
      return [
        {
          object_type: 'table',
          database_name: 'evolution',
          object_name: 'login_events',
          rows: '1',
          size_bytes: '1',
          end_time: '2026-06-12 10:11:12',
        },
      ];
    }
    throw new Error(`the model knows no such statement: ${text}`);
  }
}

/** An app whose witness saw no harm. */
function unharmedApp(): ReturnType<typeof recordingApp> {
  const app = recordingApp();
  const stream = { sent: 50, failed: 0, longestGapMs: 100 };
  const quiet = (phase: string | null) => {
    const { requests, ...rest } = period(phase, { writes: stream, reads: stream });
    const { login, search } = requests;
    return { ...rest, requests: { login: { ...login, errors: 0 }, search: { ...search, errors: 0 } } };
  };
  const phases = () => [null, ...app.marks.flatMap((mark) => /^phase (.*)/.exec(mark)?.[1] ?? [])];
  return { ...app, report: async () => ({ at: 0, periods: phases().map(quiet), witness: witness() }) };
}

/** A promise of the project was broken: what the model looks for. */
export class Broken extends Error {}

export interface SavedCluster {
  readonly objects: readonly string[];
  readonly databases: readonly {
    readonly namespace: string;
    readonly fields: Pick<Database, 'nodes' | 'replicationFactor' | 'live' | 'hasTables'>;
    readonly users: readonly string[];
    readonly backups: Taken[];
  }[];
}

/** A Kubernetes cluster: objects by their kind, namespace and name, and a database for each namespace that has one. */
export class Cluster {
  readonly objects = new Set<string>();
  readonly databases = new Map<string, Database>();

  database(namespace: string): Database {
    const found = this.databases.get(namespace) ?? new Database();
    this.databases.set(namespace, found);
    return found;
  }

  save(): SavedCluster {
    return {
      objects: [...this.objects],
      databases: [...this.databases].map(
        ([namespace, { nodes, replicationFactor, live, hasTables, users, backups }]) => ({
          namespace,
          fields: structuredClone({ nodes, replicationFactor, live, hasTables }),
          users: [...users],
          backups: structuredClone(backups),
        }),
      ),
    };
  }

  static from(saved: SavedCluster): Cluster {
    const cluster = new Cluster();
    for (const object of saved.objects) cluster.objects.add(object);
    for (const { namespace, fields, users, backups } of saved.databases) {
      const database = Object.assign(cluster.database(namespace), fields);
      for (const user of users) database.users.add(user);
      database.backups.push(...structuredClone(backups));
    }
    return cluster;
  }

  /** As the real code sees it. */
  clients(namespace: string, run: ClusterClients['run']): ClusterClients {
    const database = this.database(namespace);
    const workload = (name: string) => ({ name, wanted: 1, ready: 1, restarts: 0 });
    const has = (kind: string) => [...this.objects].some((object) => object.includes(kind));
    const initialized = { conditions: [{ type: 'Initialized', status: 'True' }] };
    const sql = recorder(
      ({ text, values }) => database.answer(text, values),
      () => {
        // The operator and Kubernetes do their part by themselves.
        if (database.live < database.nodes) database.live = database.nodes;
        return Array.from({ length: database.nodes }, (_, i) =>
          node(`crdb-${i}`, database.nodes, {
            ranges: 1,
            ranges_underreplicated: 0,
            ranges_overreplicated: 0,
            ranges_unavailable: 0,
          }),
        );
      },
    );
    return {
      run,
      database: sql,
      kubernetes: {
        kubeconfig: new KubeConfig(),
        namespace,
        name: CLUSTER,
        rootSecret: ROOT_SECRET,
        cluster: async () =>
          database.nodes === 0
            ? null
            : { spec: { nodes: database.nodes }, ...(database.live > 0 ? { status: initialized } : {}) },
        wake: async () => {},
        statefulSet: async () => null,
        pods: async () => [],
        disks: async () => [],
        storageClasses: async () => [],
        warnings: async () => [],
        secret: async () => null,
      },
      workloads: {
        deployment: async (_, name) =>
          has(`Deployment/${namespace}/${name}`) || name !== 'crdb-loadgen' ? workload(name) : null,
        pods: async () => [],
        endpoints: async () => database.live,
      },
      app: async () => (has('Deployment/sample-app/') ? database.app : null),
    };
  }
}
