import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeConfig, V1StatefulSet } from '@kubernetes/client-node';
import type { CrdbCluster, Kubernetes } from '../components/database/kubernetes.ts';
import { node, refusal, testRun } from '../components/database/recorder.testing.ts';
import type { Database, Query, Row } from '../components/database/sql.ts';
import { type Api, ApiError } from './api.ts';
import type { Clients } from './begin.ts';
import { readFiles } from './files.ts';
import { titleOf } from './templates.ts';

const ROOT = join(__dirname, '..');
const ZONES = ['RANGE default', 'RANGE meta', 'RANGE liveness', 'RANGE system', 'DATABASE system'];

/** For tests: what the Job of a phase is given, read from `k8s/` through a folder of the test's own. */
export function given(phase: string, folder: string) {
  mkdirSync(folder, { recursive: true });
  for (const part of ['base', phase]) cpSync(join(ROOT, 'k8s', part), folder, { recursive: true });
  return readFiles({ plan: folder, settings: join(folder, 'none') });
}

/** For tests: a cluster in memory, with what a Job reads and changes of it. What changes is in `changes`, in order. */
export class World {
  readonly changes: string[] = [];
  readonly texts = new Map<string, Record<string, string>>();
  readonly users = new Map<string, string | null>();
  readonly told: string[] = [];
  readonly removed: string[] = [];
  readonly jobs = new Set<string>();
  cluster: CrdbCluster | null = null;
  tables = false;
  backups = 0;
  /** Copies and voters that the zones ask for. */
  zones: readonly [number, number] = [3, 3];
  /** The next change that is not made any more, and kills the run. @default none */
  killAt = Number.POSITIVE_INFINITY;
  killed = false;
  managers: { manager: string }[] = [{ manager: 'evolution' }];

  #change(what: string): void {
    // Whatever is called after that fails as well, as nothing is done by a pod that is gone.
    this.killed ||= this.changes.length >= this.killAt;
    if (this.killed && this.changes.length >= this.killAt) throw new Error(`killed before ${what}`);
    this.changes.push(what);
  }

  clients(): Clients {
    return {
      api: this.#api(),
      kubernetes: this.#kubernetes(),
      database: this.#database(),
      run: testRun(),
      tell: async (reason, message) => void this.told.push(`${reason}: ${message}`),
    };
  }

  #api(): Api {
    return {
      texts: async (template) => this.texts.get(titleOf(template)) ?? null,
      apply: async (object, { dryRun = false } = {}) => {
        const wanted = object as unknown as CrdbCluster;
        const spec = { grpcPort: 26258, ...wanted.spec };
        const after = {
          ...wanted,
          metadata: { ...wanted.metadata, uid: 'u', managedFields: this.managers },
          spec,
        };
        if (!dryRun) {
          this.#change(`CrdbCluster of ${wanted.spec.nodes}`);
          this.cluster = after;
        }
        return after as unknown as typeof object;
      },
      write: async (template, texts) => {
        this.#change(titleOf(template));
        if (
          template.kind === 'Secret' &&
          this.texts.has(titleOf(template)) &&
          !template.metadata.name.endsWith('database')
        )
          throw new ApiError('a Secret that is there was written', 409);
        this.texts.set(titleOf(template), { ...texts });
      },
      event: async () => {},
      removeEnded: async (_, job) => {
        if (!this.jobs.delete(job)) return false;
        this.removed.push(job);
        return true;
      },
    };
  }

  #kubernetes(): Kubernetes {
    const conditions = ['CrdbVersionChecked', 'Initialized'].map((type) => ({ type, status: 'True' }));
    const size = () => this.cluster?.spec.nodes ?? 0;
    return {
      kubeconfig: {} as KubeConfig,
      namespace: 'crdb',
      name: 'crdb',
      rootSecret: 'crdb-root-tls',
      cluster: async () => this.cluster && { ...this.cluster, status: { conditions } },
      wake: async () => {},
      statefulSet: async () => (this.cluster === null ? null : statefulSet(size())),
      pods: async () => [],
      disks: async () =>
        Array.from({ length: size() }, (_, i) => ({
          metadata: { name: `datadir-crdb-${i}` },
          status: { capacity: { storage: '10Gi' } },
        })),
      storageClasses: async () => [],
      warnings: async () => [],
      secret: async () => null,
    };
  }

  #database(): Database {
    return {
      nodes: async () =>
        Array.from({ length: this.cluster?.spec.nodes ?? 0 }, (_, i) =>
          node(`crdb-${i}`, this.cluster?.spec.nodes ?? 0),
        ),
      query: async (query) => this.#answer(query),
    };
  }

  #answer({ text, values = [], login }: Query): Row[] {
    const [copies, voters] = this.zones;
    if (login !== undefined) {
      if (this.users.get(login.user) !== login.password)
        throw refusal('28P01', 'password authentication failed');
      return [{ '?column?': '1' }];
    }
    if (text === 'SHOW ALL ZONE CONFIGURATIONS')
      return ZONES.map((target) => ({
        target,
        raw_config_sql: `ALTER ${target} CONFIGURE ZONE USING\n\tnum_replicas = ${copies},\n\tnum_voters = ${voters}`,
      }));
    if (text === 'SHOW CLUSTER RANGES') {
      const list = (from: number, to: number) =>
        `{${Array.from({ length: to - from }, (_, i) => from + i + 1).join(',')}}`;
      return [{ voting_replicas: list(0, voters), non_voting_replicas: list(voters, copies) }];
    }
    if (text === 'SHOW USERS') return [...this.users.keys()].map((username) => ({ username }));
    if (text === 'SHOW DATABASES') return this.tables ? [{ database_name: 'evolution' }] : [];
    if (text.startsWith('SHOW TABLES')) return this.tables ? [{ table_name: 'search_terms' }] : [];
    if (text.startsWith('SHOW BACKUPS'))
      return Array.from({ length: this.backups }, (_, i) => ({ path: `/${i}` }));
    if (text.startsWith('SHOW BACKUP FROM'))
      return [
        {
          object_type: 'table',
          database_name: 'evolution',
          object_name: 't',
          rows: '7',
          end_time: '2026-01-01 00:00:00',
        },
      ];
    if (text.startsWith('SHOW JOB')) return [{ status: 'succeeded' }];
    return this.#do(text, values);
  }

  #do(text: string, values: readonly string[]): Row[] {
    const zone = /^ALTER RANGE default CONFIGURE ZONE USING num_replicas = (\d), num_voters = (\d)/.exec(
      text,
    );
    const created = /^CREATE USER IF NOT EXISTS (\w+)/.exec(text)?.[1];
    const altered = /^ALTER USER (\w+) WITH PASSWORD/.exec(text)?.[1];
    if (text.startsWith('BACKUP')) {
      this.#change('backup');
      this.backups++;
      return [{ job_id: '1' }];
    }
    if (zone !== null) {
      this.#change(`zones ${zone[1]}/${zone[2]}`);
      this.zones = [Number(zone[1]), Number(zone[2])];
    }
    if (created !== undefined && !this.users.has(created)) {
      this.#change(`user ${created}`);
      this.users.set(created, null);
    }
    if (altered !== undefined) {
      this.#change(`password of ${altered}`);
      this.users.set(altered, values[0] ?? '');
    }
    if (text.startsWith('INSERT INTO search_terms')) this.tables = true;
    return [];
  }
}

function statefulSet(nodes: number): V1StatefulSet {
  const containers = [{ name: 'db', image: 'cockroachdb/cockroach:v26.2.5' }];
  return {
    metadata: { generation: 1 },
    spec: { replicas: nodes, selector: {}, serviceName: 'crdb', template: { spec: { containers } } },
    status: {
      observedGeneration: 1,
      replicas: nodes,
      readyReplicas: nodes,
      updatedReplicas: nodes,
      currentRevision: 'a',
      updateRevision: 'a',
    },
  };
}
