import * as k8s from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import * as manifest from './app-manifests.ts';
import { Component } from './component.ts';
import { portForward } from './pod.ts';

export interface SampleAppArgs {
  /**
   * Namespace of the app.
   * @example 'sample-app'
   */
  readonly namespace: pulumi.Input<string>;
  /**
   * Namespace of the database.
   * @example 'crdb'
   */
  readonly databaseNamespace: pulumi.Input<string>;
  /**
   * Name of the CrdbCluster: the app connects to its Services `<cluster>-writer` and `<cluster>-reader`.
   * @default 'crdb'
   * @example 'orders'
   */
  readonly cluster?: pulumi.Input<string>;
  /**
   * Image of the app, with a tag or digest.
   * @example 'registry.example/sample-app:0.1.0'
   */
  readonly image: pulumi.Input<string>;
  /**
   * Login with which the image is pulled. It is kept as a secret.
   * @default none: the Kubernetes nodes pull it with their own rights
   * @example { name: 'ci', password: config.requireSecret('appRegistryPassword') }
   */
  readonly registry?: manifest.Credentials | undefined;
  /**
   * Number of pods; with `autoscaling`, the smallest number.
   * @default 1
   * @example 2
   */
  readonly replicas?: number;
  /**
   * Whether to add a HorizontalPodAutoscaler, which needs metrics-server.
   * @default false
   * @example true
   */
  readonly autoscaling?: boolean;
  /**
   * Type of the Service.
   * @default 'ClusterIP'
   * @example 'LoadBalancer'
   */
  readonly serviceType?: 'ClusterIP' | 'LoadBalancer';
  /**
   * Certificate of the database's CA, in PEM.
   * @example certificates.ca
   */
  readonly ca: pulumi.Input<string>;
  /**
   * Credentials for writes. They are kept as secrets.
   * @example users.writer
   */
  readonly writer: manifest.Credentials;
  /**
   * Credentials for reads, from phase 1 on. They are kept as secrets.
   * @default those of the writer
   * @example users.reader
   */
  readonly reader?: manifest.Credentials | undefined;
  /**
   * Prometheus, for the page's numbers of nodes and ranges.
   * @default none: the page shows neither
   * @example prometheus.url
   */
  readonly prometheusUrl?: pulumi.Input<string> | undefined;
  /**
   * Context of the kubeconfig, for the command in `portForward`.
   * @default the current context
   * @example 'kind-crdb-evolution'
   */
  readonly context?: string;
}

/**
 * The sample app. From phase to phase only the reader's URL changes, inside a Secret that the running pods read again: none of them
 * restarts.
 *
 * @example
 * const app = new SampleApp('app', {
 *   namespace: 'sample-app', databaseNamespace: 'crdb', image: 'registry.example/sample-app:0.1.0',
 *   ca: certificates.ca, writer: users.writer, reader: users.reader,
 * }, { dependsOn: [users, services] });
 */
export class SampleApp extends Component<SampleAppArgs> {
  /** Name of the Service. */
  readonly service: pulumi.Output<string>;
  /** Token that the page requires for its controls. Secret. */
  readonly controlToken: pulumi.Output<string>;
  /** Command that makes the page available at http://localhost:8080. */
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
      new k8s.core.v1.ConfigMap(`${name}-ca`, manifest.caConfigMap(namespace, args.ca), child),
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
