import * as k8s from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import * as manifest from './app-manifests.ts';
import { Component } from './component.ts';
import { portForward } from './pod.ts';

export interface SampleAppArgs {
  /** The app's namespace. */
  readonly namespace: pulumi.Input<string>;
  /** The database's namespace, where crdb-writer and crdb-reader are. */
  readonly databaseNamespace: pulumi.Input<string>;
  /** Image of the app, with a tag. */
  readonly image: string;
  /** Who pulls the image. @default the machines, as far as they may */
  readonly registry?: manifest.Credentials | undefined;
  /** How many pods; at least as many with `autoscaling`. @default 1 */
  readonly replicas?: number;
  /** Optional HorizontalPodAutoscaler; needs metrics-server. @default false */
  readonly autoscaling?: boolean;
  /** Type of the Service: the platform's choice. @default 'ClusterIP' */
  readonly serviceType?: 'ClusterIP' | 'LoadBalancer';
  /** The database's authority, PEM. */
  readonly ca: pulumi.Input<string>;
  /** Whom the app writes as. */
  readonly writer: manifest.Credentials;
  /** Whom the app reads as. Phase 1 brings it. @default the writer */
  readonly reader?: manifest.Credentials | undefined;
  /** Where the page asks for nodes and ranges; undefined without Prometheus. */
  readonly prometheusUrl?: pulumi.Input<string> | undefined;
  /** Context of the kubeconfig, for the command in `portForward`. @default the current one */
  readonly context?: string;
}

/**
 * The sample app. From phase to phase only the reader's URL changes, inside a Secret that the running pods re-read:
 * none of them restarts.
 */
export class SampleApp extends Component<SampleAppArgs> {
  /** Name of the Service. */
  readonly service: pulumi.Output<string>;
  /** What the page and the commands ask for. Secret. */
  readonly controlToken: pulumi.Output<string>;
  /** The command that brings the page to http://localhost:8080. */
  readonly portForward: pulumi.Output<string>;

  constructor(name: string, args: SampleAppArgs, opts?: pulumi.ComponentResourceOptions) {
    super('SampleApp', name, args, opts, ['registry', 'writer', 'reader']);
    const { namespace, registry, replicas = 1, autoscaling = false } = args;
    const child = this.childOptions;

    const token = new random.RandomPassword(`${name}-control-token`, { length: 32, special: false }, child);
    const hashKey = new random.RandomPassword(`${name}-hash-key`, { length: 48, special: false }, child);
    const files = [
      new k8s.core.v1.Secret(
        `${name}-database`,
        manifest.databaseSecret({ ...args, reader: args.reader ?? args.writer }),
        child,
      ),
      new k8s.core.v1.Secret(
        `${name}-control`,
        manifest.controlSecret(namespace, token.result, hashKey.result),
        child,
      ),
      new k8s.core.v1.ConfigMap(`${name}-config`, manifest.settings(namespace, args.prometheusUrl), child),
      new k8s.core.v1.ConfigMap(`${name}-ca`, manifest.authority(namespace, args.ca), child),
      new k8s.core.v1.ServiceAccount(`${name}-account`, manifest.serviceAccount(namespace), child),
    ];
    if (registry !== undefined)
      files.push(
        new k8s.core.v1.Secret(
          `${name}-registry`,
          manifest.registrySecret(namespace, args.image, registry),
          child,
        ),
      );
    new k8s.apps.v1.Deployment(
      `${name}-deployment`,
      manifest.deployment({
        namespace,
        image: args.image,
        pullsAsUser: registry !== undefined,
        replicas,
        autoscaling,
      }),
      { parent: this, dependsOn: files },
    );
    const service = new k8s.core.v1.Service(
      `${name}-service`,
      manifest.service(namespace, args.serviceType ?? 'ClusterIP'),
      child,
    );
    if (replicas > 1)
      new k8s.policy.v1.PodDisruptionBudget(`${name}-budget`, manifest.disruptionBudget(namespace), child);
    if (autoscaling)
      new k8s.autoscaling.v2.HorizontalPodAutoscaler(
        `${name}-autoscaler`,
        manifest.autoscaler(namespace, replicas),
        child,
      );

    this.service = service.metadata.name;
    this.controlToken = pulumi.secret(token.result);
    this.portForward = pulumi.output(namespace).apply((value) =>
      portForward({
        context: args.context ?? '',
        namespace: value,
        service: manifest.APP,
        local: 8080,
        port: 80,
      }),
    );
    this.registerOutputs({
      service: this.service,
      controlToken: this.controlToken,
      portForward: this.portForward,
    });
  }
}
