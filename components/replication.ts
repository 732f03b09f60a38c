import * as pulumi from '@pulumi/pulumi';
import { readStatements } from '../sql/statements.ts';
import type { DatabaseAddress } from './database/kubernetes.ts';
import type { Script } from './database/script.ts';
import { copiesOf, zoneStatements } from './database/zones.ts';
import { replicationProvider } from './providers/replication-provider.ts';

export interface ReplicationArgs {
  readonly address: DatabaseAddress;
  /** 1; 2, one voter and one non-voting copy; 3, 5 or 7 voters. It only ever grows. */
  readonly replicationFactor: number;
  /** Nodes that are live: a factor above it would never be reached. */
  readonly nodes: number;
}

/** The files of the phases, by replication factor. */
const FILES: Readonly<Record<number, string>> = {
  1: '01-phase0-rf1.sql',
  2: '11-phase1-rf2.sql',
  3: '20-phase2-rf3.sql',
};

/** Is there when every range has its copies. */
export class Replication extends pulumi.dynamic.Resource {
  /** How many copies of each range vote. */
  declare readonly voters: pulumi.Output<number>;
  declare readonly ranges: pulumi.Output<number>;
  /** How long it took from the change of the zones until every range had its copies. */
  declare readonly seconds: pulumi.Output<number>;

  constructor(name: string, args: ReplicationArgs, opts?: pulumi.CustomResourceOptions) {
    const script = replicationScript(args.replicationFactor);
    const outputs = { voters: undefined, ranges: undefined, seconds: undefined };
    super(replicationProvider, name, { ...args, ...script, ...outputs }, opts, 'evolution', 'Replication');
  }
}

/** The statements of a replication factor: a phase's own file, and for more than three copies the same zones. */
export function replicationScript(replicationFactor: number): Script {
  const file = FILES[replicationFactor];
  if (file !== undefined) return readScript(file);
  const statements = zoneStatements(copiesOf(replicationFactor));
  const lines = statements.map((_, index) => index + 1).join(' ');
  return { file: `(replication factor ${replicationFactor})`, lines, statements };
}

/** A file of `sql/`, as a provider is given it. */
export function readScript(file: string): Script {
  const statements = readStatements(file);
  return {
    file,
    lines: statements.map(({ line }) => line).join(' '),
    statements: statements.map(({ text }) => text),
  };
}
