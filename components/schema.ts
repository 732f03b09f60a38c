import * as pulumi from '@pulumi/pulumi';
import { Component } from './component.ts';
import type { DatabaseAddress } from './database/kubernetes.ts';
import { type SettingsInputs, settingsProvider } from './providers/settings-provider.ts';
import { type SqlFileInputs, sqlFileProvider } from './providers/sql-file-provider.ts';
import { readScript } from './replication.ts';

export interface SchemaArgs {
  readonly address: DatabaseAddress;
  /** Licence key. @default none: CockroachDB throttles the cluster after 7 days. */
  readonly licence?: pulumi.Input<string> | undefined;
  /** The organization that the licence key names. @default not set */
  readonly organization?: string | undefined;
}

/** The database, its tables, its users without passwords, and the licence. */
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
        'enterprise.license': licence,
      };
      new Settings(`${name}-licence`, { address, settings }, child);
    }
    this.registerOutputs();
  }
}

export interface SqlFileArgs {
  readonly address: DatabaseAddress;
  /** A file of `sql/`. */
  readonly file: string;
}

/** A file of `sql/` that has run, statement by statement. */
export class SqlFile extends pulumi.dynamic.Resource {
  constructor(name: string, { address, file }: SqlFileArgs, opts?: pulumi.CustomResourceOptions) {
    const inputs: SqlFileInputs = { address, ...readScript(file) };
    super(sqlFileProvider, name, { ...inputs }, opts, 'evolution', 'SqlFile');
  }
}

export interface SettingsArgs {
  readonly address: DatabaseAddress;
  readonly settings: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** Cluster settings. Their values are kept as secrets. */
export class Settings extends pulumi.dynamic.Resource {
  declare readonly settings: pulumi.Output<SettingsInputs['settings']>;

  constructor(name: string, args: SettingsArgs, opts?: pulumi.CustomResourceOptions) {
    const secret = pulumi.mergeOptions(opts, { additionalSecretOutputs: ['settings'] });
    super(settingsProvider, name, { ...args }, secret, 'evolution', 'Settings');
  }
}
