import * as k8s from '@pulumi/kubernetes';
import type * as pulumi from '@pulumi/pulumi';
import { Component } from './component.ts';
import { labels, PORTS, selector } from './names.ts';
import { CONTAINER_DEFAULTS, metadata, podDefaults, readOnly, secretVolume } from './pod.ts';
import { CERTIFICATES, runCommand, type Workload } from './workload.ts';
import { initScript, waitScript } from './workload-init.ts';

export const LOAD = 'crdb-loadgen';
const COMPONENT = 'load';
const USER = 1000;

export interface LoadGeneratorArgs {
  /** The database's namespace. */
  readonly namespace: pulumi.Input<string>;
  /** Version of the cockroach image, which holds the load generator, e.g. `v26.2.5`. */
  readonly cockroachVersion: string;
  /** What to run. */
  readonly workload: Workload;
  /**
   * Name of the Secret (`ca.crt`, `tls.crt`, `tls.key`) with the client certificate of the SQL user `loadgen`, in the same
   * namespace. The user needs no rights: the Job grants what the load needs.
   */
  readonly clientSecret: pulumi.Input<string>;
  /** Name of the Secret with the client certificate of `root`, likewise. Only the Job that makes the tables mounts it. */
  readonly rootSecret: pulumi.Input<string>;
}

/** `cockroach workload` through crdb-writer: a Job loads the data once, a Deployment runs from then on. The same in every phase. */
export class LoadGenerator extends Component<LoadGeneratorArgs> {
  /** Name of the Deployment. Resolves when the load runs. */
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
 * Tries of the Job after its first. What is wrong with it, another try seldom mends: two of them, after 10 and 20 s, take it over a
 * database that is away for a moment.
 */
const RETRIES = 2;

/** Runs to its end once. A second run finds the data and does nothing. */
export function initJob(args: LoadGeneratorArgs): k8s.batch.v1.JobArgs {
  const name = `${LOAD}-init`;
  return {
    // A Job that has failed never runs again: the next `up` makes it anew.
    metadata: metadata(name, COMPONENT, args.namespace, { 'pulumi.com/replaceUnready': 'true' }),
    spec: {
      backoffLimit: RETRIES,
      template: {
        metadata: { labels: labels(name, COMPONENT) },
        spec: {
          ...podDefaults(USER),
          // Each try in a pod of its own, whose log stays.
          restartPolicy: 'Never',
          containers: [
            cockroach('init', args.cockroachVersion, {
              command: script(initScript(args.workload)),
              // The log's last lines become the pod's status, and so part of what `pulumi up` says of a failure.
              terminationMessagePolicy: 'FallbackToLogsOnError',
            }),
          ],
          volumes: volumes(args.rootSecret),
        },
      },
    },
  };
}

/** Goes on through errors of the database; restarted when it ends. */
export function runDeployment(args: LoadGeneratorArgs): k8s.apps.v1.DeploymentArgs {
  const [command, ...rest] = runCommand(args.workload);
  return {
    metadata: metadata(LOAD, COMPONENT, args.namespace),
    spec: {
      replicas: 1,
      // Never two at a time: the rate is a promise.
      strategy: { type: 'Recreate' },
      selector: { matchLabels: selector(LOAD) },
      template: {
        metadata: { labels: labels(LOAD, COMPONENT) },
        spec: {
          ...podDefaults(USER),
          terminationGracePeriodSeconds: 15,
          initContainers: [
            cockroach('data', args.cockroachVersion, { command: script(waitScript(args.workload)) }),
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
    // The tool looks for its own files at home, and the user has none.
    env: [{ name: 'HOME', value: '/tmp' }],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '1', memory: '1Gi' } },
    volumeMounts: [readOnly('certificates', CERTIFICATES), { name: 'tmp', mountPath: '/tmp' }],
    ...more,
  };
}

function volumes(clientSecret: pulumi.Input<string>) {
  return [secretVolume('certificates', clientSecret), { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }];
}
