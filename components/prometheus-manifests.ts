import type * as k8s from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { labels, PORTS, selector } from './names.ts';
import { CONTAINER_DEFAULTS, configMapVolume, metadata, podDefaults, readOnly } from './pod.ts';
import { MULTIPLES } from './quantity.ts';

export const PROMETHEUS = 'prometheus';
const COMPONENT = 'observability';
/** nobody, as in the image. */
const USER = 65534;
const CLAIM = `${PROMETHEUS}-data`;

export const FILES = {
  config: '/etc/prometheus/config',
  rules: '/etc/prometheus/alerts',
  data: '/prometheus',
} as const;

type Namespace = pulumi.Input<string>;

/** Where others find Prometheus inside the cluster. */
export function prometheusUrl(namespace: string): string {
  return `http://${PROMETHEUS}.${namespace}.svc:${PORTS.prometheus}`;
}

export function serviceAccount(namespace: Namespace): k8s.core.v1.ServiceAccountArgs {
  return { metadata: metadata(PROMETHEUS, COMPONENT, namespace), automountServiceAccountToken: false };
}

/** Leave to find the pods of one namespace. Nothing else: no node, no Secret, no other namespace. */
export function podReader(namespace: Namespace): k8s.rbac.v1.RoleArgs {
  return {
    metadata: metadata(PROMETHEUS, COMPONENT, namespace),
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
  };
}

export function podReaderBinding(namespace: Namespace, own: Namespace): k8s.rbac.v1.RoleBindingArgs {
  return {
    metadata: metadata(PROMETHEUS, COMPONENT, namespace),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: PROMETHEUS },
    subjects: [{ kind: 'ServiceAccount', name: PROMETHEUS, namespace: own }],
  };
}

/** The scrape configuration, and the certificate of the database's CA, which is public. */
export function config(
  namespace: Namespace,
  text: pulumi.Input<string>,
  ca: pulumi.Input<string>,
): k8s.core.v1.ConfigMapArgs {
  return {
    metadata: metadata(`${PROMETHEUS}-config`, COMPONENT, namespace),
    data: { 'prometheus.yml': text, 'ca.crt': ca },
  };
}

/** The alert rules, file by file. */
export function rules(namespace: Namespace, files: Record<string, string>): k8s.core.v1.ConfigMapArgs {
  return { metadata: metadata(`${PROMETHEUS}-alerts`, COMPONENT, namespace), data: files };
}

export function service(namespace: Namespace): k8s.core.v1.ServiceArgs {
  return {
    metadata: metadata(PROMETHEUS, COMPONENT, namespace),
    spec: {
      selector: selector(PROMETHEUS),
      ports: [{ name: 'http', port: PORTS.prometheus, targetPort: 'http', protocol: 'TCP' }],
    },
  };
}

/** Whether the samples get a disk of their own; otherwise they live as long as the pod. */
export function hasDisk(storage: string): boolean {
  return Number.parseFloat(storage) > 0;
}

export function disk(
  namespace: Namespace,
  storage: string,
  storageClass: string | undefined,
): k8s.core.v1.PersistentVolumeClaimArgs {
  return {
    metadata: metadata(CLAIM, COMPONENT, namespace, {
      // Many classes make the disk for the first pod that asks, and Pulumi would wait before there is one.
      'pulumi.com/skipAwait': 'true',
    }),
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage } },
      ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
    },
  };
}

export function deployment(args: {
  readonly namespace: Namespace;
  readonly image: pulumi.Input<string>;
  readonly retention: pulumi.Input<string>;
  readonly storage: string;
}): k8s.apps.v1.DeploymentArgs {
  return {
    metadata: metadata(PROMETHEUS, COMPONENT, args.namespace),
    spec: {
      replicas: 1,
      // One disk, one writer.
      strategy: { type: 'Recreate' },
      selector: { matchLabels: selector(PROMETHEUS) },
      template: {
        metadata: { labels: labels(PROMETHEUS, COMPONENT) },
        spec: {
          ...podDefaults(USER),
          serviceAccountName: PROMETHEUS,
          // It asks the API for pods.
          automountServiceAccountToken: true,
          terminationGracePeriodSeconds: 60,
          containers: [container(args.image, args.retention, args.storage)],
          volumes: [
            configMapVolume('config', `${PROMETHEUS}-config`),
            configMapVolume('alerts', `${PROMETHEUS}-alerts`),
            hasDisk(args.storage)
              ? { name: 'data', persistentVolumeClaim: { claimName: CLAIM } }
              : { name: 'data', emptyDir: {} },
          ],
        },
      },
    },
  };
}

function container(
  image: pulumi.Input<string>,
  retention: pulumi.Input<string>,
  storage: string,
): k8s.types.input.core.v1.Container {
  const ask = (path: string) => ({ httpGet: { path, port: 'http' }, periodSeconds: 10, timeoutSeconds: 4 });
  return {
    ...CONTAINER_DEFAULTS,
    name: 'prometheus',
    image,
    args: [
      `--config.file=${FILES.config}/prometheus.yml`,
      `--storage.tsdb.path=${FILES.data}`,
      pulumi.interpolate`--storage.tsdb.retention.time=${retention}`,
      ...(hasDisk(storage) ? [`--storage.tsdb.retention.size=${retentionSize(storage)}`] : []),
      // New rules are taken up from the ConfigMap, without a restart.
      '--enable-feature=auto-reload-config',
    ],
    ports: [{ name: 'http', containerPort: PORTS.prometheus, protocol: 'TCP' }],
    startupProbe: { ...ask('/-/ready'), failureThreshold: 60 },
    readinessProbe: ask('/-/ready'),
    livenessProbe: { ...ask('/-/healthy'), failureThreshold: 6 },
    resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { cpu: '1', memory: '1Gi' } },
    volumeMounts: [
      readOnly('config', FILES.config),
      readOnly('alerts', FILES.rules),
      { name: 'data', mountPath: FILES.data },
    ],
  };
}

const UNITS: Readonly<Record<string, number>> = { '': 1, ...MULTIPLES };

/**
 * Four fifths of the disk, in Prometheus' units (MB is 2^20 bytes): the oldest samples go before the disk is full, and
 * the log that is being written has room. `storage` is a quantity that components/config.ts has checked.
 */
export function retentionSize(storage: string): string {
  const [, number, unit = ''] = /^([0-9.]+)([A-Za-z]*)$/.exec(storage) ?? [];
  const bytes = Number(number) * (UNITS[unit] ?? Number.NaN);
  if (Number.isNaN(bytes)) throw new Error(`${storage} is not a size of a disk: write e.g. 5Gi`);
  return `${Math.max(1, Math.floor((bytes * 0.8) / 2 ** 20))}MB`;
}
