import * as k8s from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { Component } from './component.ts';
import { PORTS } from './names.ts';
import { portForward } from './pod.ts';
import { prometheusConfig } from './prometheus-config.ts';
import * as manifest from './prometheus-manifests.ts';
import { repositoryFiles } from './repository-files.ts';

export interface PrometheusArgs {
  /** Its own namespace. */
  readonly namespace: pulumi.Input<string>;
  /** Namespace of the database and the load. */
  readonly databaseNamespace: pulumi.Input<string>;
  /** Namespace of the sample app. */
  readonly appNamespace: pulumi.Input<string>;
  /** Image of Prometheus, with a tag. */
  readonly image: string;
  /** How long samples are kept, e.g. `2d`. */
  readonly retention: string;
  /** Size of its disk, e.g. `5Gi`; `0` for none: the samples then live as long as the pod. */
  readonly storage: string;
  /** @default the cluster's own storage class */
  readonly storageClass?: string | undefined;
  /** The database's authority, PEM. */
  readonly ca: pulumi.Input<string>;
  /** Context of the kubeconfig, for the command in `portForward`. @default the current one */
  readonly context?: string;
}

/** One Prometheus, which finds the pods of the database, the load and the app by itself. The same in every phase. */
export class Prometheus extends Component<PrometheusArgs> {
  /** Its address inside the cluster. */
  readonly url: pulumi.Output<string>;
  /** The command that brings it to http://localhost:9090. */
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
    const text = pulumi.all([databaseNamespace, appNamespace]).apply(([database, app]) =>
      prometheusConfig({
        databaseNamespace: database,
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
