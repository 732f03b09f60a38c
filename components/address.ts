import type * as pulumi from '@pulumi/pulumi';
import type { DatabaseAddress } from './database/kubernetes.ts';

/**
 * Where a step finds the CrdbCluster. It logs in as root, with the certificate in a Secret there. `cluster` (default: `crdb`) and
 * `rootSecret` (default: `<cluster>-root-tls`) name them.
 * @example { context: '', namespace: 'crdb' }
 * @example { context: '', namespace: 'databases', cluster: 'orders' }
 */
export type AddressArgs = pulumi.Input<{
  readonly [Name in keyof DatabaseAddress]: pulumi.Input<DatabaseAddress[Name]>;
}>;
