import * as k8s from '@pulumi/kubernetes';
import type * as pulumi from '@pulumi/pulumi';
import { Component } from './component.ts';
import { labels, namesOf, PORTS, selector } from './names.ts';
import { CONTAINER_DEFAULTS, metadata, podDefaults, readOnly, secretVolume } from './pod.ts';
import { CERTIFICATES, initUrl, loadUrl, runCommand, type Workload } from './workload.ts';
import { initScript, waitScript } from './workload-init.ts';

const COMPONENT = 'load';
const USER = 1000;

export interface LoadGeneratorArgs {
  /**
   * Namespace of the database.
   * @example 'crdb'
   */
  readonly namespace: pulumi.Input<string>;
  /**
   * Name of the CrdbCluster: the load goes through its Service for writes, `<cluster>-writer`.
   * @default 'crdb'
   * @example 'orders'
   */
  readonly cluster?: string;
  /**
   * Version of the cockroach image, which contains the load generator.
   * @example 'v26.2.5'
   */
  readonly cockroachVersion: string;
  /**
   * The workload to run.
   * @example { kind: 'tpcc', warehouses: 1, rate: 20 }
   */
  readonly workload: Workload;
  /**
   * Name of the Secret (`ca.crt`, `tls.crt`, `tls.key`) with the client certificate of the SQL user `loadgen`, in the same namespace.
   * The user needs no privileges: the Job grants what the load needs.
   * @example certificates.loadSecret
   */
  readonly clientSecret: pulumi.Input<string>;
  /**
   * Name of the Secret with the client certificate of `root`. Only the Job that makes the tables mounts it.
   * @example certificates.rootSecret
   */
  readonly rootSecret: pulumi.Input<string>;
}

/**
 * `cockroach workload` through crdb-writer: a Job loads the data once, and a Deployment runs from then on. It is the same in every phase.
 *
 * @example
 * new LoadGenerator('load', {
 *   namespace: 'crdb', cockroachVersion: 'v26.2.5', workload: { kind: 'tpcc', warehouses: 1, rate: 20 },
 *   clientSecret: certificates.loadSecret, rootSecret: certificates.rootSecret,
 * }, { dependsOn: [users, services] });
 */
export class LoadGenerator extends Component<LoadGeneratorArgs> {
  /** Name of the Deployment. It resolves when the load runs. */
  readonly deployment: pulumi.Output<string>;

  constructor(name: string, args: LoadGeneratorArgs, opts?: pulumi.ComponentResourceOptions) {
    super('LoadGenerator', name, args, opts);
    const child = this.childOptions;

    const init = new k8s.batch.v1.Job(`${name}-init`, initJob(args), {
      ...child,
      // A thousand warehouses take hours; the Job itself gives up after a few tries.
      customTimeouts: { create: '3h', update: '3h' },
    });
    const run = new k8s.apps.v1.Deployment(`${name}-run`, runDeployment(args), {
      parent: this,
      dependsOn: init,
    });

    this.deployment = run.metadata.name;
    this.registerOutputs({ deployment: this.deployment });
  }
}

/**
 * Retries of the Job. A retry seldom fixes what is wrong; two of them, after 10 and 20 s, bridge a moment without the database.
 */
const RETRIES = 2;

/** Runs to completion once. A second run finds the data and does nothing. */
export function initJob(args: LoadGeneratorArgs): k8s.batch.v1.JobArgs {
  const name = `${namesOf(args.cluster).load}-init`;
  return {
    // A failed Job never runs again: the next `up` replaces it.
    metadata: metadata(name, COMPONENT, args.namespace, { 'pulumi.com/replaceUnready': 'true' }),
    spec: {
      backoffLimit: RETRIES,
      template: {
        metadata: { labels: labels(name, COMPONENT) },
        spec: {
          ...podDefaults(USER),
          // Each attempt gets its own pod, and the log of each is kept.
          restartPolicy: 'Never',
          containers: [
            cockroach('init', args.cockroachVersion, {
              command: script(initScript(args.workload, initUrl(args.cluster))),
              // The log's last lines become the pod's status, and so part of the error that `pulumi up` prints.
              terminationMessagePolicy: 'FallbackToLogsOnError',
            }),
          ],
          volumes: volumes(args.rootSecret),
        },
      },
    },
  };
}

/** Continues through errors of the database, and is restarted when it ends. */
export function runDeployment(args: LoadGeneratorArgs): k8s.apps.v1.DeploymentArgs {
  const url = loadUrl(args.cluster);
  const name = namesOf(args.cluster).load;
  const [command, ...rest] = runCommand(args.workload, url);
  return {
    metadata: metadata(name, COMPONENT, args.namespace),
    spec: {
      replicas: 1,
      // Never two at a time, so that the rate holds.
      strategy: { type: 'Recreate' },
      selector: { matchLabels: selector(name) },
      template: {
        metadata: { labels: labels(name, COMPONENT) },
        spec: {
          ...podDefaults(USER),
          terminationGracePeriodSeconds: 15,
          initContainers: [
            cockroach('data', args.cockroachVersion, { command: script(waitScript(args.workload, url)) }),
          ],
          containers: [
            cockroach('load', args.cockroachVersion, {
              command: [command as string],
              args: rest,
              ports: [{ name: 'metrics', containerPort: PORTS.load, protocol: 'TCP' }],
              readinessProbe: { httpGet: { path: '/metrics', port: 'metrics' }, periodSeconds: 5 },
            }),
          ],
          volumes: volumes(args.clientSecret),
        },
      },
    },
  };
}

function script(text: string): string[] {
  return ['/bin/bash', '-c', text];
}

function cockroach(name: string, version: string, more: Partial<k8s.types.input.core.v1.Container>) {
  return {
    ...CONTAINER_DEFAULTS,
    name,
    // As the operator's manifest names the image of a version.
    image: `docker.io/cockroachdb/cockroach:${version}`,
    workingDir: '/tmp',
    // The tool looks for its files in the home directory, and the user has none.
    env: [{ name: 'HOME', value: '/tmp' }],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '1', memory: '1Gi' } },
    volumeMounts: [readOnly('certificates', CERTIFICATES), { name: 'tmp', mountPath: '/tmp' }],
    ...more,
  };
}

function volumes(clientSecret: pulumi.Input<string>) {
  return [secretVolume('certificates', clientSecret), { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }];
}
