import type { Topology } from '../../../../components/database/topology.ts';
import type { PhaseName } from './beat.ts';
import type { StartedSpike } from './spikes.ts';
import type { Stage } from './stage.ts';

export const DATABASES = ['postgres', 'cockroach'] as const;
export type DatabaseKind = (typeof DATABASES)[number];

export interface Played {
  /** What was executed here, in order. */
  readonly done: readonly string[];
  /** Statements that only CockroachDB runs. */
  readonly skipped: readonly string[];
  /** The spike that began with it. */
  readonly spike?: StartedSpike;
}

/** The database of a rehearsal, and how it goes from phase to phase. */
export interface Demo {
  readonly kind: DatabaseKind;
  /** By the name of what it is a version of. */
  readonly versions: Readonly<Record<string, string>>;
  /** File with the URL of one of the app's two connections. */
  urlFile(connection: 'writer' | 'reader'): string;
  /** All that makes a phase, in the order of the program. Throws a CliError. */
  enter(phase: PhaseName, stage: Stage): Promise<Played>;
  /** How many logins it holds. */
  loginEvents(): Promise<number>;
  /** The node that `kill` takes, and how many there are. */
  readonly target: string;
  readonly nodes: number;
  /** Ends that node at once, as a machine that loses its power. */
  kill(): Promise<void>;
  /** Starts it again. Returns when all is as it was before. */
  revive(stage: Stage): Promise<void>;
  topology(): Promise<Topology>;
  /** What the results' file is to hold of it. */
  readonly results: object;
}
