import { createHash } from 'node:crypto';
import * as k8s from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { Component } from './component.ts';
import { readManifests } from './operator/manifests.ts';
import { type FeatureGate, type KubernetesObject, operatorObjects } from './operator/objects.ts';
import { OperatorReady } from './operator/ready.ts';

export interface OperatorArgs {
  /** File with the operator's manifests; empty for the pinned release, downloaded once. */
  readonly manifest: string;
  /** false when the operator is there already: then only its readiness is waited for. */
  readonly install: boolean;
  /** The CockroachDB version that it is to run, e.g. `v26.2.5`. */
  readonly cockroachVersion: string;
  /** Gates for the fields that the cluster uses: see `featureGates` in cluster.ts. */
  readonly gates: readonly FeatureGate[];
  /** Context of the kubeconfig; empty for the current one. */
  readonly context: string;
  /** The database's namespace. A cluster is tried there, as a dry run. */
  readonly namespace: pulumi.Input<string>;
  /** How long the operator may take to answer once it runs. @default 180 */
  readonly timeoutSeconds?: number;
}

/** CockroachDB's operator. Made once it accepts clusters, not when its pod says that it is ready. */
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
        installed: objects?.apply(checksum) ?? 'by someone else',
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
