import * as pulumi from '@pulumi/pulumi';
import { readStatements } from '../sql/statements.ts';
import type { AddressArgs } from './address.ts';
import { type Script, scriptOf } from './database/script.ts';
import { copiesOf, zoneStatements } from './database/zones.ts';
import { imported } from './providers/imported.ts';

export interface ReplicationArgs {
  /**
   * Where the cluster is.
   * @example { context: '', namespace: 'crdb' }
   */
  readonly address: AddressArgs;
  /**
   * Number of copies: 1, 3, 5 or 7 voters, or 2 for one voter and one non-voting copy. It only ever grows.
   * @example 3
   */
  readonly replicationFactor: pulumi.Input<number>;
  /**
   * Number of live nodes. The replication factor cannot exceed it.
   * @example 3
   */
  readonly nodes: pulumi.Input<number>;
}

/** The files of the phases, by replication factor. */
const FILES: Readonly<Record<number, string>> = {
  1: '01-phase0-rf1.sql',
  2: '11-phase1-rf2.sql',
  3: '20-phase2-rf3.sql',
};

/**
 * Sets the replication factor of every zone, and waits until every range has its copies.
 *
 * @example
 * new Replication('replication', {
 *   address: { context: '', namespace: 'crdb' }, replicationFactor: 3, nodes: 3,
 * }, { dependsOn: live });
 */
export class Replication extends pulumi.dynamic.Resource {
  /** Number of voting copies of each range. */
  declare readonly voters: pulumi.Output<number>;
  /** Number of ranges. */
  declare readonly ranges: pulumi.Output<number>;
  /** Seconds from the change of the zones until every range had its copies. */
  declare readonly seconds: pulumi.Output<number>;

  constructor(name: string, args: ReplicationArgs, opts?: pulumi.CustomResourceOptions) {
    const { file, lines, statements } = pulumi.output(args.replicationFactor).apply(replicationScript);
    const outputs = { voters: undefined, ranges: undefined, seconds: undefined };
    super(
      imported('replication'),
      name,
      { ...args, file, lines, statements, ...outputs },
      opts,
      'evolution',
      'Replication',
    );
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
  return scriptOf(file, readStatements(file));
}
