import * as k8s from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { Component } from './component.ts';
import { PORTS } from './names.ts';
import { portForward } from './pod.ts';
import { prometheusConfig } from './prometheus-config.ts';
import * as manifest from './prometheus-manifests.ts';
import { repositoryFiles } from './repository-files.ts';

export interface PrometheusArgs {
  /**
   * Namespace of Prometheus.
   * @example 'observability'
   */
  readonly namespace: pulumi.Input<string>;
  /**
   * Namespace of the database and the load generator.
   * @example 'crdb'
   */
  readonly databaseNamespace: pulumi.Input<string>;
  /**
   * Name of the CrdbCluster.
   * @default 'crdb'
   * @example 'orders'
   */
  readonly cluster?: pulumi.Input<string>;
  /**
   * Namespace of the sample app.
   * @example 'sample-app'
   */
  readonly appNamespace: pulumi.Input<string>;
  /**
   * Image of Prometheus, with a tag or digest.
   * @example 'prom/prometheus:v3.5.0'
   */
  readonly image: pulumi.Input<string>;
  /**
   * How long samples are kept.
   * @example '2d'
   */
  readonly retention: pulumi.Input<string>;
  /**
   * Size of its disk; `0` for none: the samples are then lost with the pod.
   * @example '5Gi'
   */
  readonly storage: string;
  /**
   * Storage class of its disk.
   * @default the Kubernetes cluster's default class
   * @example 'gp3'
   */
  readonly storageClass?: string | undefined;
  /**
   * Certificate of the database's CA, in PEM.
   * @example certificates.ca
   */
  readonly ca: pulumi.Input<string>;
  /**
   * Context of the kubeconfig, for the command in `portForward`.
   * @default the current context
   * @example 'kind-crdb-evolution'
   */
  readonly context?: string;
}

/**
 * Prometheus, which discovers the pods of the database, the load generator and the app. It is the same in every phase.
 *
 * @example
 * const prometheus = new Prometheus('prometheus', {
 *   namespace: 'observability', databaseNamespace: 'crdb', appNamespace: 'sample-app',
 *   image: 'prom/prometheus:v3.5.0', retention: '2d', storage: '5Gi', ca: certificates.ca,
 * });
 */
export class Prometheus extends Component<PrometheusArgs> {
  /** Address of Prometheus inside the cluster. */
  readonly url: pulumi.Output<string>;
  /** Command that makes Prometheus available at http://localhost:9090. */
  readonly portForward: pulumi.Output<string>;

  constructor(name: string, args: PrometheusArgs, opts?: pulumi.ComponentResourceOptions) {
    super('Prometheus', name, args, opts);
    const { namespace, databaseNamespace, appNamespace } = args;
    const child = this.childOptions;

    const account = new k8s.core.v1.ServiceAccount(
      `${name}-account`,
      manifest.serviceAccount(namespace),
      child,
    );
    const roles = Object.entries({ database: databaseNamespace, app: appNamespace }).flatMap(
      ([part, where]) => [
        new k8s.rbac.v1.Role(`${name}-${part}-role`, manifest.podReader(where), child),
        new k8s.rbac.v1.RoleBinding(
          `${name}-${part}-binding`,
          manifest.podReaderBinding(where, namespace),
          child,
        ),
      ],
    );
    const text = pulumi
      .all([databaseNamespace, appNamespace, args.cluster])
      .apply(([database, app, cluster]) =>
        prometheusConfig({
          databaseNamespace: database,
          cluster,
          appNamespace: app,
          caFile: `${manifest.FILES.config}/ca.crt`,
          ruleFiles: `${manifest.FILES.rules}/*.yml`,
        }),
      );
    const files = [
      new k8s.core.v1.ConfigMap(`${name}-config`, manifest.config(namespace, text, args.ca), child),
      new k8s.core.v1.ConfigMap(
        `${name}-alerts`,
        manifest.rules(namespace, repositoryFiles('alerts', '.yml')),
        child,
      ),
    ];
    const disk = manifest.hasDisk(args.storage)
      ? [
          new k8s.core.v1.PersistentVolumeClaim(
            `${name}-disk`,
            manifest.disk(namespace, args.storage, args.storageClass),
            child,
          ),
        ]
      : [];
    new k8s.apps.v1.Deployment(`${name}-deployment`, manifest.deployment(args), {
      parent: this,
      dependsOn: [account, ...roles, ...files, ...disk],
    });
    new k8s.core.v1.Service(`${name}-service`, manifest.service(namespace), child);

    this.url = pulumi.output(namespace).apply(manifest.prometheusUrl);
    this.portForward = pulumi.output(namespace).apply((value) =>
      portForward({
        context: args.context ?? '',
        namespace: value,
        service: manifest.PROMETHEUS,
        local: PORTS.prometheus,
        port: PORTS.prometheus,
      }),
    );
    this.registerOutputs({ url: this.url, portForward: this.portForward });
  }
}
