import * as k8s from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import { Component } from './component.ts';
import * as manifest from './grafana-manifests.ts';
import { PORTS } from './names.ts';
import { portForward } from './pod.ts';
import { repositoryFiles } from './repository-files.ts';

export interface GrafanaArgs {
  /** Its namespace. */
  readonly namespace: pulumi.Input<string>;
  /** Image of Grafana, with a tag. */
  readonly image: string;
  /** Where Prometheus is, e.g. `http://prometheus.observability.svc:9090`. */
  readonly prometheusUrl: pulumi.Input<string>;
  /** Context of the kubeconfig, for the command in `portForward`. @default the current one */
  readonly context?: string;
}

/** One Grafana with the datasource and the dashboards of `dashboards/`. The same in every phase. */
export class Grafana extends Component<GrafanaArgs> {
  /** Of the user `admin`. Secret. A new password counts from the pod's next start. */
  readonly adminPassword: pulumi.Output<string>;
  /** The command that brings it to http://localhost:3000. */
  readonly portForward: pulumi.Output<string>;

  constructor(name: string, args: GrafanaArgs, opts?: pulumi.ComponentResourceOptions) {
    super('Grafana', name, args, opts);
    const { namespace } = args;
    const child = this.childOptions;

    const password = new random.RandomPassword(
      `${name}-admin-password`,
      { length: 24, special: false },
      child,
    );
    const files = [
      new k8s.core.v1.ServiceAccount(`${name}-account`, manifest.serviceAccount(namespace), child),
      new k8s.core.v1.Secret(`${name}-admin`, manifest.adminSecret(namespace, password.result), child),
      new k8s.core.v1.ConfigMap(
        `${name}-datasources`,
        manifest.datasources(namespace, pulumi.output(args.prometheusUrl).apply(manifest.datasourceFile)),
        child,
      ),
      new k8s.core.v1.ConfigMap(`${name}-providers`, manifest.providers(namespace), child),
      new k8s.core.v1.ConfigMap(
        `${name}-dashboards`,
        manifest.dashboards(namespace, repositoryFiles('dashboards', '.json')),
        child,
      ),
    ];
    new k8s.apps.v1.Deployment(`${name}-deployment`, manifest.deployment(namespace, args.image), {
      parent: this,
      dependsOn: files,
    });
    new k8s.core.v1.Service(`${name}-service`, manifest.service(namespace), child);

    this.adminPassword = pulumi.secret(password.result);
    this.portForward = pulumi.output(namespace).apply((value) =>
      portForward({
        context: args.context ?? '',
        namespace: value,
        service: manifest.GRAFANA,
        local: PORTS.grafana,
        port: PORTS.grafana,
      }),
    );
    this.registerOutputs({ adminPassword: this.adminPassword, portForward: this.portForward });
  }
}
