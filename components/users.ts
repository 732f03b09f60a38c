import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import type { AddressArgs } from './address.ts';
import { Component } from './component.ts';
import type { Script } from './database/script.ts';
import { USERS } from './names.ts';
import { imported } from './providers/imported.ts';
import { readScript } from './replication.ts';
import type { UserInputs } from './steps/user.ts';

export interface UsersArgs {
  /**
   * Where the cluster is.
   * @example { context: '', namespace: 'crdb' }
   */
  readonly address: AddressArgs;
  /**
   * Whether to make `app_reader`, which can read the app's tables and do nothing else.
   * @example true
   */
  readonly readerUserEnabled: boolean;
}

/** For a user that `00-bootstrap.sql` has made. */
const NO_SCRIPT: Script = { file: '', lines: '', statements: [] };

/** Credentials of a user. They resolve once the user has read a table with them. */
export interface Credentials {
  /** Name of the SQL user. */
  readonly name: string;
  /** Its password. Secret. */
  readonly password: pulumi.Output<string>;
}

/**
 * The app's SQL users, with random passwords that only the encrypted state and the app's Secret hold. The load generator has a client
 * certificate instead.
 *
 * @example
 * const users = new Users('users', {
 *   address: { context: '', namespace: 'crdb' }, readerUserEnabled: true,
 * }, { dependsOn: [schema, replication] });
 */
export class Users extends Component<UsersArgs> {
  /** Credentials for writes, and for reads until there is a reader. */
  readonly writer: Credentials;
  /** Credentials for reads; undefined before phase 1. */
  readonly reader: Credentials | undefined;

  constructor(name: string, args: UsersArgs, opts?: pulumi.ComponentResourceOptions) {
    super('Users', name, args, opts);
    const { address } = args;
    const child = this.childOptions;
    const user = (part: string, name: string, file?: string) => makeUser(part, name, address, file, child);
    this.writer = user(`${name}-writer`, USERS.writer);
    this.reader = args.readerUserEnabled
      ? user(`${name}-reader`, USERS.reader, '10-phase1-reader-user.sql')
      : undefined;
    this.registerOutputs();
  }
}

function makeUser(
  name: string,
  user: string,
  address: AddressArgs,
  file: string | undefined,
  child: pulumi.CustomResourceOptions,
): Credentials {
  // Letters and digits only: the password becomes part of connection URLs.
  const { result } = new random.RandomPassword(`${name}-password`, { length: 32, special: false }, child);
  const script = file === undefined ? NO_SCRIPT : readScript(file);
  const { password } = new DatabaseUser(name, { address, user, password: result, ...script }, child);
  return { name: user, password };
}

export interface DatabaseUserArgs extends Omit<UserInputs, 'address' | 'password'> {
  readonly address: AddressArgs;
  readonly password: pulumi.Input<string>;
}

/** A user that can log in with its password. */
export class DatabaseUser extends pulumi.dynamic.Resource {
  declare readonly password: pulumi.Output<string>;

  constructor(name: string, args: DatabaseUserArgs, opts?: pulumi.CustomResourceOptions) {
    const secret = pulumi.mergeOptions(opts, { additionalSecretOutputs: ['password'] });
    super(imported('user'), name, { ...args }, secret, 'evolution', 'User');
  }
}
