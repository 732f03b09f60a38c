import * as pulumi from '@pulumi/pulumi';
import { imported } from './providers/imported.ts';
import type { GuardInputs } from './steps/refusals.ts';

export type { DatabaseAddress } from './database/kubernetes.ts';

export interface GuardArgs extends GuardInputs {}

/**
 * Refuses, in the preview, what would harm a running cluster: a second stack for a namespace that another stack owns, fewer nodes or
 * copies, and a change that restarts database pods. Let everything else depend on it. Its arguments are plain values, because a preview
 * can check only what it knows.
 *
 * @example
 * const guard = new Guard('guard', {
 *   address: { context: '', namespace: 'crdb' }, nodes: 3, replicationFactor: 3,
 *   podTemplate: podTemplateInputs(cluster), allowPodRestart: false, storageClass: 'gp3', storageSize: '10Gi',
 * });
 */
export class Guard extends pulumi.dynamic.Resource {
  constructor(name: string, args: GuardArgs, opts?: pulumi.CustomResourceOptions) {
    super(imported('guard'), name, { ...args }, opts, 'evolution', 'Guard');
  }
}
