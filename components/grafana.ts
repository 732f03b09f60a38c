import * as k8s from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import { Component } from './component.ts';
import * as manifest from './grafana-manifests.ts';
import { PORTS } from './names.ts';
import { portForward } from './pod.ts';
import { repositoryFiles } from './repository-files.ts';

export interface GrafanaArgs {
  /**
   * Namespace of Grafana.
   * @example 'observability'
   */
  readonly namespace: pulumi.Input<string>;
  /**
   * Image of Grafana, with a tag or digest.
   * @example 'grafana/grafana:12.2.0'
   */
  readonly image: pulumi.Input<string>;
  /**
   * Address of Prometheus.
   * @example prometheus.url
   */
  readonly prometheusUrl: pulumi.Input<string>;
  /**
   * Context of the kubeconfig, for the command in `portForward`.
   * @default the current context
   * @example 'kind-crdb-evolution'
   */
  readonly context?: string;
}

/**
 * Grafana, with its data source and the dashboards of `dashboards/`. It is the same in every phase.
 *
 * @example
 * const grafana = new Grafana('grafana', {
 *   namespace: 'observability', image: 'grafana/grafana:12.2.0', prometheusUrl: prometheus.url,
 * });
 */
export class Grafana extends Component<GrafanaArgs> {
  /** Password of the user `admin`. Secret. A new password takes effect at the pod's next start. */
  readonly adminPassword: pulumi.Output<string>;
  /** Command that makes Grafana available at http://localhost:3000. */
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
