import type * as pulumi from '@pulumi/pulumi';
import type { DatabaseAddress } from './database/kubernetes.ts';

/**
 * Where a step finds the cluster `crdb`. It logs in as root, with the certificate in the Secret `crdb-root-tls` there.
 * @example { context: '', namespace: 'crdb' }
 */
export type AddressArgs = pulumi.Input<{
  readonly [Name in keyof DatabaseAddress]: pulumi.Input<DatabaseAddress[Name]>;
}>;
