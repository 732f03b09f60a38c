import type { PeriodReport, WitnessState } from '../../../app/src/contract.ts';
import type { Disk } from '../../../components/database/disks.ts';
import type { Readiness } from './app.ts';
import type { Workload } from './workloads.ts';

/** What could be seen of a part, or why it could not. */
export type Seen<T> = T | { readonly problem: string };

export interface NodesNow {
  /** `spec.nodes` of the CrdbCluster. */
  readonly wanted: number;
  readonly pods: readonly {
    readonly name: string;
    /** Takes SQL. */
    readonly ready: boolean;
    /** How many live nodes it sees; null when it does not say. */
    readonly sees: number | null;
    readonly restarts: number;
    /** Why it could not be asked. */
    readonly problem?: string;
  }[];
}

/** What the operator says of itself, in the CrdbCluster's status. */
export interface OperatorNow {
  /** What it failed at last and is still to do, e.g. `ResizePVC failed: ...`. As long as there is one, it does nothing else. */
  readonly failures: readonly string[];
  /** Its conditions that must hold and do not. */
  readonly lacking: readonly string[];
}

export interface DisksNow {
  /** What the CrdbCluster asks for, e.g. `10Gi`; null when it does not say. */
  readonly asked: string | null;
  readonly disks: readonly Disk[];
}

export interface ReplicationNow {
  /** What the zone of all ranges (`RANGE default`) asks for. */
  readonly replicas: number;
  readonly voters: number;
  readonly ranges: number;
  /** Ranges that have not exactly these copies. */
  readonly off: number;
  readonly underReplicated: number;
  readonly overReplicated: number;
  readonly unavailable: number;
  /** Ranges that wait for a place for a copy: the allocator has found none (`queue_replicate_purgatory`). */
  readonly stuck: number;
  /** Zones that name other copies of their own, as the statement that would step each. */
  readonly otherZones: readonly string[];
  /** The fewest voting copies that a range has. */
  readonly fewestVoters: number;
}

export interface AppNow {
  readonly pod: string;
  readonly readiness: Readiness;
  /** Since the start of the app. */
  readonly witness: WitnessState;
  /** The period in progress. */
  readonly period: PeriodReport;
}

export interface BackupsNow {
  /** Without its parameters. */
  readonly destination: string;
  readonly count: number;
  /** Path of the newest within the collection, which begins with the moment that it shows; null when there is none. */
  readonly latest: string | null;
}

/** What a cluster is like now. A part that could not be seen has a problem in its place; nothing here is secret. */
export interface ClusterNow {
  /** ISO 8601. */
  readonly at: string;
  readonly nodes: Seen<NodesNow>;
  readonly operator: Seen<OperatorNow>;
  readonly disks: Seen<DisksNow>;
  readonly replication: Seen<ReplicationNow>;
  /** Users of the database. */
  readonly users: Seen<readonly string[]>;
  /** Ready addresses behind each Service; null for one that is not there. */
  readonly services: Seen<Readonly<Record<string, number | null>>>;
  /** null when there is none. */
  readonly load: Seen<Workload | null>;
  readonly app: Seen<AppNow>;
  /** null for a Deployment that is not there. */
  readonly observability: Seen<Readonly<Record<string, Workload | null>>>;
  readonly backups: Seen<BackupsNow>;
}

export function isSeen<T>(part: Seen<T>): part is T {
  return !(typeof part === 'object' && part !== null && 'problem' in part);
}
