import * as pulumi from '@pulumi/pulumi';
import type { AddressArgs } from './address.ts';
import { imported } from './providers/imported.ts';

export interface EvolutionBackupArgs {
  /**
   * Where the cluster is. The kubeconfig's context may be empty, for the current one.
   * @example { context: '', namespace: 'crdb' }
   */
  readonly address: AddressArgs;
  /**
   * Address of the collection of backups: `nodelocal://`, `s3://` or `gs://`.
   * @example 's3://bucket/evolution?AUTH=implicit'
   */
  readonly destination: pulumi.Input<string>;
  /**
   * Database to back up.
   * @default 'evolution'
   * @example 'orders'
   */
  readonly database?: pulumi.Input<string>;
  /**
   * Passphrase that encrypts the backups. It is kept as a secret.
   * @default none: the backups are not encrypted
   * @example config.requireSecret('backupPassphrase')
   */
  readonly passphrase?: pulumi.Input<string> | undefined;
  /**
   * Number of nodes after this update. A backup is taken before it changes.
   * @example 3
   */
  readonly nodes: pulumi.Input<number>;
  /**
   * Replication factor after this update. A backup is taken before it changes.
   * @example 3
   */
  readonly replicationFactor: pulumi.Input<number>;
}

/**
 * A verified backup, taken before the topology changes. On a fresh start there is nothing to protect, and `reason` says so.
 *
 * Let what changes the topology depend on it. Deleting the resource keeps the backups.
 *
 * @example
 * const backup = new EvolutionBackup('backup', {
 *   address: { context: '', namespace: 'crdb' },
 *   destination: 's3://bucket/evolution?AUTH=implicit', nodes: 3, replicationFactor: 3,
 * });
 * new Cluster('cluster', { ... }, { dependsOn: backup });
 */
export class EvolutionBackup extends pulumi.dynamic.Resource {
  /** Whether a backup was taken. */
  declare readonly taken: pulumi.Output<boolean>;
  /** The change that it was taken before, or why none was taken. */
  declare readonly reason: pulumi.Output<string>;
  /** Path within the collection. Like the following outputs, it is undefined when no backup was taken. */
  declare readonly path: pulumi.Output<string | undefined>;
  /** Time of the data in the backup, in ISO 8601. */
  declare readonly endTime: pulumi.Output<string | undefined>;
  /** Number of rows in the backup. */
  declare readonly rows: pulumi.Output<number | undefined>;
  /** Size of the backed-up data. */
  declare readonly bytes: pulumi.Output<number | undefined>;
  /** Whether the database found every file of the backup. */
  declare readonly verified: pulumi.Output<boolean | undefined>;

  constructor(name: string, args: EvolutionBackupArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = Object.fromEntries(
      ['taken', 'reason', 'path', 'endTime', 'rows', 'bytes', 'verified'].map((key) => [key, undefined]),
    );
    const secret = pulumi.mergeOptions(opts, { additionalSecretOutputs: ['passphrase'] });
    const inputs =
      args.passphrase === undefined ? args : { ...args, passphrase: pulumi.secret(args.passphrase) };
    super(imported('backup'), name, { ...inputs, ...outputs }, secret, 'evolution', 'EvolutionBackup');
  }
}
