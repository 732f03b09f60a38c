import * as pulumi from '@pulumi/pulumi';
import type { DatabaseAddress } from './database/kubernetes.ts';
import { backupProvider } from './providers/backup-provider.ts';

export interface EvolutionBackupArgs {
  readonly address: DatabaseAddress;
  /** Address of the collection: `nodelocal://`, `s3://` or `gs://`. */
  readonly destination: string;
  /** Encrypts the backups. @default none: they are not encrypted */
  readonly passphrase?: pulumi.Input<string> | undefined;
  /** The topology that comes next: a change of it is what a backup is taken before. */
  readonly nodes: number;
  readonly replicationFactor: number;
}

/** The backup before a change of the topology, taken and verified; on a fresh start there is nothing to protect, and it says so. */
export class EvolutionBackup extends pulumi.dynamic.Resource {
  declare readonly taken: pulumi.Output<boolean>;
  /** Before what it was taken, or why it was not. */
  declare readonly reason: pulumi.Output<string>;
  /** Within the collection; undefined, as all that follows, when none was taken. */
  declare readonly path: pulumi.Output<string | undefined>;
  /** The moment that the backup shows, in ISO 8601. */
  declare readonly endTime: pulumi.Output<string | undefined>;
  declare readonly rows: pulumi.Output<number | undefined>;
  declare readonly bytes: pulumi.Output<number | undefined>;
  /** Whether the database found every file of it. */
  declare readonly verified: pulumi.Output<boolean | undefined>;

  constructor(name: string, args: EvolutionBackupArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = Object.fromEntries(
      ['taken', 'reason', 'path', 'endTime', 'rows', 'bytes', 'verified'].map((key) => [key, undefined]),
    );
    const secret = pulumi.mergeOptions(opts, { additionalSecretOutputs: ['passphrase'] });
    super(backupProvider, name, { ...args, ...outputs }, secret, 'evolution', 'EvolutionBackup');
  }
}
