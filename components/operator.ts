import { createHash } from 'node:crypto';
import * as k8s from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { Component } from './component.ts';
import { EXTERNAL, readManifests } from './operator/manifests.ts';
import { type FeatureGate, type KubernetesObject, operatorObjects } from './operator/objects.ts';
import { OperatorReady } from './operator-ready.ts';

export interface OperatorArgs {
  /**
   * File with the operator's manifests; empty for the pinned release, which is downloaded once.
   * @example 'operator.yaml'
   */
  readonly manifest: string;
  /**
   * Whether to install the operator. With false, only its readiness is awaited.
   * @example true
   */
  readonly install: boolean;
  /**
   * Version of CockroachDB that it must be able to run.
   * @example 'v26.2.5'
   */
  readonly cockroachVersion: string;
  /**
   * Feature gates for the fields that the cluster uses.
   * @example featureGates(cluster)
   */
  readonly gates: readonly FeatureGate[];
  /**
   * Context of the kubeconfig; empty for the current one.
   * @example ''
   */
  readonly context: pulumi.Input<string>;
  /**
   * Namespace of the database. The readiness check creates a cluster there, as a dry run.
   * @example 'crdb'
   */
  readonly namespace: pulumi.Input<string>;
  /**
   * Seconds that the operator may take to answer once it runs.
   * @default 180
   * @example 300
   */
  readonly timeoutSeconds?: number;
}

/**
 * CockroachDB's operator. The resource counts as created once the operator accepts clusters, not when its pod reports readiness.
 *
 * @example
 * const operator = new Operator('operator', {
 *   manifest: '', install: true, cockroachVersion: 'v26.2.5', gates: featureGates(cluster), context: '', namespace: 'crdb',
 * });
 */
export class Operator extends Component<OperatorArgs> {
  constructor(name: string, args: OperatorArgs, opts?: pulumi.ComponentResourceOptions) {
    super('Operator', name, args, opts);
    const objects = args.install ? pulumi.output(readObjects(args)) : undefined;
    const manifests =
      objects && new k8s.yaml.v2.ConfigGroup(`${name}-manifests`, { objs: objects }, this.childOptions);

    new OperatorReady(
      `${name}-ready`,
      {
        context: args.context,
        namespace: args.namespace,
        timeoutSeconds: args.timeoutSeconds ?? 180,
        installed: objects?.apply(checksum) ?? EXTERNAL,
      },
      { ...this.childOptions, ...(manifests && { dependsOn: manifests }) },
    );
    this.registerOutputs({});
  }
}

async function readObjects(args: OperatorArgs): Promise<KubernetesObject[]> {
  return operatorObjects(await readManifests(args.manifest), args);
}

function checksum(objects: KubernetesObject[]): string {
  return createHash('sha256').update(JSON.stringify(objects)).digest('hex');
}
