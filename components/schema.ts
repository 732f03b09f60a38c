import * as pulumi from '@pulumi/pulumi';
import type { AddressArgs } from './address.ts';
import { Component } from './component.ts';
import { imported } from './providers/imported.ts';
import { readScript } from './replication.ts';
import type { SettingsInputs } from './steps/settings.ts';

export interface SchemaArgs {
  /**
   * Where the cluster is.
   * @example { context: '', namespace: 'crdb' }
   */
  readonly address: AddressArgs;
  /**
   * Licence key. It is kept as a secret.
   * @default none: CockroachDB throttles the cluster after 7 days
   * @example config.requireSecret('licence')
   */
  readonly licence?: pulumi.Input<string> | undefined;
  /**
   * Organization that the licence key names.
   * @default not set
   * @example 'Example'
   */
  readonly organization?: pulumi.Input<string> | undefined;
}

/**
 * The database `evolution`, its tables, its users without passwords, and the licence.
 *
 * @example
 * const schema = new Schema('schema', { address: { context: '', namespace: 'crdb' } }, { dependsOn: live });
 */
export class Schema extends Component<SchemaArgs> {
  constructor(name: string, args: SchemaArgs, opts?: pulumi.ComponentResourceOptions) {
    super('Schema', name, args, opts, ['licence']);
    const { address, licence, organization } = args;
    const child = this.childOptions;
    new SqlFile(`${name}-bootstrap`, { address, file: '00-bootstrap.sql' }, child);
    if (licence !== undefined) {
      const settings = {
        // In this order: a key is valid only for the organization that it names.
        ...(organization ? { 'cluster.organization': organization } : {}),
        'enterprise.license': pulumi.secret(licence),
      };
      new Settings(`${name}-licence`, { address, settings }, child);
    }
    this.registerOutputs();
  }
}

export interface SqlFileArgs {
  readonly address: AddressArgs;
  /** Name of a file in `sql/`. */
  readonly file: string;
}

/** Runs a file of `sql/`, statement by statement. */
export class SqlFile extends pulumi.dynamic.Resource {
  constructor(name: string, { address, file }: SqlFileArgs, opts?: pulumi.CustomResourceOptions) {
    super(imported('sql-file'), name, { address, ...readScript(file) }, opts, 'evolution', 'SqlFile');
  }
}

export interface SettingsArgs {
  readonly address: AddressArgs;
  readonly settings: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** Cluster settings. Their values are kept as secrets. */
export class Settings extends pulumi.dynamic.Resource {
  declare readonly settings: pulumi.Output<SettingsInputs['settings']>;

  constructor(name: string, args: SettingsArgs, opts?: pulumi.CustomResourceOptions) {
    const secret = pulumi.mergeOptions(opts, { additionalSecretOutputs: ['settings'] });
    super(imported('settings'), name, { ...args }, secret, 'evolution', 'Settings');
  }
}
