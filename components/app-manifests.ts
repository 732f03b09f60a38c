import type * as k8s from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { DATABASE, labels, namesOf, PORTS, selector } from './names.ts';
import { CONTAINER_DEFAULTS, configMapVolume, metadata, podDefaults, readOnly, secretVolume } from './pod.ts';

export const APP = 'sample-app';
export const DATABASE_SECRET = `${APP}-database`;
export const REGISTRY_SECRET = `${APP}-registry`;
export const CONTROL_SECRET = `${APP}-control`;
const COMPONENT = 'app';
/** The image's own user: app/Dockerfile. */
const USER = 1000;
const SERVICE_PORT = 80;

/** Where the pod finds its files. The Secrets are mounted whole, so that a new URL reaches the running app. */
const FILES = { database: '/secrets/database', control: '/secrets/control', certificates: '/certs' } as const;

export interface Credentials {
  /** Name of the user. */
  readonly name: pulumi.Input<string>;
  /** Its password. Secret. */
  readonly password: pulumi.Input<string>;
}

type Namespace = pulumi.Input<string>;

/** The only difference between the phases: the user in the reader's URL. */
export function databaseSecret(args: {
  readonly namespace: Namespace;
  readonly databaseNamespace: pulumi.Input<string>;
  readonly cluster?: pulumi.Input<string> | undefined;
  readonly writer: Credentials;
  readonly reader: Credentials;
}): k8s.core.v1.SecretArgs {
  const url = (part: 'writer' | 'reader', { name, password }: Credentials) =>
    pulumi.secret(
      pulumi
        .all([args.databaseNamespace, args.cluster, name, password])
        .apply(([namespace, cluster, user, secret]) =>
          connectionUrl(namesOf(cluster)[part], namespace, user, secret),
        ),
    );
  return {
    metadata: metadata(DATABASE_SECRET, COMPONENT, args.namespace),
    stringData: { 'writer-url': url('writer', args.writer), 'reader-url': url('reader', args.reader) },
  };
}

/** URL by which `user` reaches the database. The host is one of the names in the nodes' certificate. */
export function connectionUrl(service: string, namespace: string, user: string, password: string): string {
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return `postgresql://${login}@${service}.${namespace}.svc:${PORTS.sql}/${DATABASE}?sslmode=verify-full&sslrootcert=${FILES.certificates}/ca.crt`;
}

/** The token that commands require, and the key for the hashes of addresses. */
export function controlSecret(
  namespace: Namespace,
  token: pulumi.Input<string>,
  hashKey: pulumi.Input<string>,
): k8s.core.v1.SecretArgs {
  return {
    metadata: metadata(CONTROL_SECRET, COMPONENT, namespace),
    stringData: { 'control-token': token, 'hash-key': hashKey },
  };
}

/** Credentials for pulling the image, in the type that Kubernetes takes for `imagePullSecrets`. */
export function registrySecret(
  namespace: Namespace,
  image: pulumi.Input<string>,
  { name, password }: Credentials,
): k8s.core.v1.SecretArgs {
  const content = pulumi
    .all([image, name, password])
    .apply(([from, username, secret]) =>
      JSON.stringify({ auths: { [registryOf(from)]: { username, password: secret } } }),
    );
  return {
    metadata: metadata(REGISTRY_SECRET, COMPONENT, namespace),
    type: 'kubernetes.io/dockerconfigjson',
    stringData: { '.dockerconfigjson': pulumi.secret(content) },
  };
}

/** The part before the first slash, if it can be a host; otherwise Docker Hub, under the name that its login has. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : 'https://index.docker.io/v1/';
}

/** The settings in app/README.md that are not secret. */
export function settings(
  namespace: Namespace,
  prometheusUrl: pulumi.Input<string> | undefined,
): k8s.core.v1.ConfigMapArgs {
  return {
    metadata: metadata(`${APP}-config`, COMPONENT, namespace),
    data: {
      APP_PORT: String(PORTS.app),
      APP_DB_WRITER_URL_FILE: `${FILES.database}/writer-url`,
      APP_DB_READER_URL_FILE: `${FILES.database}/reader-url`,
      APP_ALLOWED_HOSTS: serviceNames(namespace),
      APP_CONTROL_TOKEN_FILE: `${FILES.control}/control-token`,
      APP_HASH_KEY_FILE: `${FILES.control}/hash-key`,
      ...(prometheusUrl === undefined ? {} : { APP_PROMETHEUS_URL: prometheusUrl }),
    },
  };
}

/** The Service's names from its own namespace, from others, and in full. The app serves only these if it ever lacks its token. */
function serviceNames(namespace: Namespace): pulumi.Output<string> {
  return pulumi
    .output(namespace)
    .apply((name) =>
      ['', `.${name}`, `.${name}.svc`, `.${name}.svc.cluster.local`].map((end) => APP + end).join(','),
    );
}

/** The CA with which the app verifies the database. A certificate is public. */
export function caConfigMap(namespace: Namespace, ca: pulumi.Input<string>): k8s.core.v1.ConfigMapArgs {
  return { metadata: metadata(`${APP}-ca`, COMPONENT, namespace), data: { 'ca.crt': ca } };
}

export function serviceAccount(namespace: Namespace): k8s.core.v1.ServiceAccountArgs {
  return { metadata: metadata(APP, COMPONENT, namespace), automountServiceAccountToken: false };
}

export function service(namespace: Namespace, type: 'ClusterIP' | 'LoadBalancer'): k8s.core.v1.ServiceArgs {
  return {
    metadata: metadata(APP, COMPONENT, namespace),
    spec: {
      type,
      selector: selector(APP),
      ports: [{ name: 'http', port: SERVICE_PORT, targetPort: 'http', protocol: 'TCP' }],
    },
  };
}

export function deployment(args: {
  readonly namespace: Namespace;
  readonly image: pulumi.Input<string>;
  /** Whether the image is pulled with the login of `registrySecret`. @default false */
  readonly pullsAsUser?: boolean;
  readonly replicas: number;
  readonly autoscaling: boolean;
}): k8s.apps.v1.DeploymentArgs {
  return {
    metadata: metadata(APP, COMPONENT, args.namespace),
    spec: {
      // The autoscaler owns the number: with one here, each `pulumi up` would reset it.
      ...(args.autoscaling ? {} : { replicas: args.replicas }),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      selector: { matchLabels: selector(APP) },
      template: {
        metadata: { labels: labels(APP, COMPONENT) },
        spec: podSpec(args.image, args.pullsAsUser ?? false),
      },
    },
  };
}

function podSpec(image: pulumi.Input<string>, pullsAsUser: boolean): k8s.types.input.core.v1.PodSpec {
  return {
    ...podDefaults(USER),
    serviceAccountName: APP,
    ...(pullsAsUser ? { imagePullSecrets: [{ name: REGISTRY_SECRET }] } : {}),
    // The pause below, at most 10 seconds for the app to stop (app/README.md), and a margin.
    terminationGracePeriodSeconds: 30,
    containers: [
      {
        ...CONTAINER_DEFAULTS,
        name: 'app',
        image,
        ports: [{ name: 'http', containerPort: PORTS.app, protocol: 'TCP' }],
        envFrom: [{ configMapRef: { name: `${APP}-config` } }],
        // The Service's endpoints take a moment to drop this pod.
        lifecycle: { preStop: { exec: { command: ['sleep', '3'] } } },
        ...probes(),
        resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '1', memory: '512Mi' } },
        volumeMounts: [
          readOnly('database', FILES.database),
          readOnly('control', FILES.control),
          readOnly('ca', FILES.certificates),
        ],
      },
    ],
    volumes: [
      secretVolume('database', DATABASE_SECRET),
      secretVolume('control', CONTROL_SECRET),
      configMapVolume('ca', `${APP}-ca`),
    ],
  };
}

/**
 * Only a process that does not answer is restarted. An unreachable database is no reason to restart, but after half a minute it is a
 * reason to take no requests. Through shorter gaps the app stays reachable, and shows and counts them.
 */
function probes(): Partial<k8s.types.input.core.v1.Container> {
  const ask = (path: string) => ({ httpGet: { path, port: 'http' }, periodSeconds: 5, timeoutSeconds: 4 });
  return {
    startupProbe: { ...ask('/healthz'), periodSeconds: 2, failureThreshold: 30 },
    livenessProbe: { ...ask('/healthz'), periodSeconds: 10, failureThreshold: 3 },
    readinessProbe: { ...ask('/readyz'), failureThreshold: 6 },
  };
}

/** Keeps one replica while nodes are drained. With a single replica it would only block the drain. */
export function disruptionBudget(namespace: Namespace): k8s.policy.v1.PodDisruptionBudgetArgs {
  return {
    metadata: metadata(APP, COMPONENT, namespace),
    spec: { maxUnavailable: 1, selector: { matchLabels: selector(APP) } },
  };
}

/** Optional (config `appAutoscaling`): needs metrics-server. Each replica has its own page, spike and witness. */
export function autoscaler(
  namespace: Namespace,
  replicas: number,
): k8s.autoscaling.v2.HorizontalPodAutoscalerArgs {
  return {
    metadata: metadata(APP, COMPONENT, namespace, {
      description: 'Optional: set appAutoscaling to false to do without.',
    }),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: APP },
      minReplicas: replicas,
      maxReplicas: Math.max(3, 2 * replicas),
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
        },
      ],
    },
  };
}
