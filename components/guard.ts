import * as pulumi from '@pulumi/pulumi';
import { guardProvider } from './providers/guard-provider.ts';
import type { GuardInputs } from './providers/refusals.ts';

export type { DatabaseAddress } from './database/kubernetes.ts';

export interface GuardArgs extends GuardInputs {}

/**
 * Refuses, in the preview, what would harm a running cluster: a second stack for a namespace that another one owns, fewer nodes or
 * copies, and a change that restarts database pods. Everything else of the program depends on it.
 */
export class Guard extends pulumi.dynamic.Resource {
  constructor(name: string, args: GuardArgs, opts?: pulumi.CustomResourceOptions) {
    super(guardProvider, name, { ...args }, opts, 'evolution', 'Guard');
  }
}
