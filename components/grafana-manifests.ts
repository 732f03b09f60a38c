import type * as k8s from '@pulumi/kubernetes';
import type * as pulumi from '@pulumi/pulumi';
import { stringify } from 'yaml';
import { labels, PORTS, selector } from './names.ts';
import { CONTAINER_DEFAULTS, configMapVolume, metadata, podDefaults, readOnly, secretVolume } from './pod.ts';
import { SCRAPE_INTERVAL } from './prometheus-config.ts';

export const GRAFANA = 'grafana';
/** The datasource's fixed identity: dashboards and links may name it. */
export const DATASOURCE_UID = 'prometheus';
const COMPONENT = 'observability';
/** grafana, as in the image. */
const USER = 472;

const FILES = {
  datasources: '/etc/grafana/provisioning/datasources',
  providers: '/etc/grafana/provisioning/dashboards',
  dashboards: '/etc/grafana/dashboards',
  admin: '/etc/grafana/admin',
  data: '/var/lib/grafana',
} as const;

type Namespace = pulumi.Input<string>;

export function serviceAccount(namespace: Namespace): k8s.core.v1.ServiceAccountArgs {
  return { metadata: metadata(GRAFANA, COMPONENT, namespace), automountServiceAccountToken: false };
}

export function adminSecret(namespace: Namespace, password: pulumi.Input<string>): k8s.core.v1.SecretArgs {
  return { metadata: metadata(`${GRAFANA}-admin`, COMPONENT, namespace), stringData: { password } };
}

export function datasources(namespace: Namespace, file: pulumi.Input<string>): k8s.core.v1.ConfigMapArgs {
  return {
    metadata: metadata(`${GRAFANA}-datasources`, COMPONENT, namespace),
    data: { 'datasources.yaml': file },
  };
}

/** The content of the datasource's file. `url` is where Prometheus is. */
export function datasourceFile(url: string): string {
  return stringify({
    apiVersion: 1,
    datasources: [
      {
        name: 'Prometheus',
        uid: DATASOURCE_UID,
        type: 'prometheus',
        access: 'proxy',
        url,
        isDefault: true,
        editable: false,
        jsonData: { httpMethod: 'POST', timeInterval: SCRAPE_INTERVAL },
      },
    ],
  });
}

/** Makes Grafana load every dashboard in the folder, and reload changes. */
export function providers(namespace: Namespace): k8s.core.v1.ConfigMapArgs {
  const file = stringify({
    apiVersion: 1,
    providers: [
      {
        name: 'evolution',
        type: 'file',
        disableDeletion: true,
        allowUiUpdates: false,
        updateIntervalSeconds: 30,
        options: { path: FILES.dashboards },
      },
    ],
  });
  return {
    metadata: metadata(`${GRAFANA}-providers`, COMPONENT, namespace),
    data: { 'providers.yaml': file },
  };
}

export function dashboards(namespace: Namespace, files: Record<string, string>): k8s.core.v1.ConfigMapArgs {
  return { metadata: metadata(`${GRAFANA}-dashboards`, COMPONENT, namespace), data: files };
}

export function service(namespace: Namespace): k8s.core.v1.ServiceArgs {
  return {
    metadata: metadata(GRAFANA, COMPONENT, namespace),
    spec: {
      selector: selector(GRAFANA),
      ports: [{ name: 'http', port: PORTS.grafana, targetPort: 'http', protocol: 'TCP' }],
    },
  };
}

/** No account but the administrator's, and no traffic to the outside. Names: Grafana's configuration reference. */
export const SETTINGS: Readonly<Record<string, string>> = {
  GF_SECURITY_ADMIN_PASSWORD__FILE: `${FILES.admin}/password`,
  GF_AUTH_ANONYMOUS_ENABLED: 'false',
  GF_USERS_ALLOW_SIGN_UP: 'false',
  GF_ANALYTICS_REPORTING_ENABLED: 'false',
  GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
  GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
  GF_ANALYTICS_FEEDBACK_LINKS_ENABLED: 'false',
  GF_NEWS_NEWS_FEED_ENABLED: 'false',
  GF_SECURITY_DISABLE_GRAVATAR: 'true',
  GF_SNAPSHOTS_EXTERNAL_ENABLED: 'false',
  // Since version 12 it fetches plugins when it starts, whatever the settings above say.
  GF_PLUGINS_PREINSTALL_DISABLED: 'true',
  GF_PLUGINS_PREINSTALL_AUTO_UPDATE: 'false',
  GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED: 'true',
  GF_PLUGINS_PLUGIN_ADMIN_ENABLED: 'false',
  // Its WebSockets use up the streams of `kubectl port-forward`; dashboards refresh without them.
  GF_LIVE_MAX_CONNECTIONS: '0',
  GF_LOG_MODE: 'console',
};

export function deployment(namespace: Namespace, image: pulumi.Input<string>): k8s.apps.v1.DeploymentArgs {
  return {
    metadata: metadata(GRAFANA, COMPONENT, namespace),
    spec: {
      replicas: 1,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      selector: { matchLabels: selector(GRAFANA) },
      template: {
        metadata: { labels: labels(GRAFANA, COMPONENT) },
        spec: {
          ...podDefaults(USER),
          serviceAccountName: GRAFANA,
          terminationGracePeriodSeconds: 30,
          containers: [container(image)],
          volumes: [
            secretVolume('admin', `${GRAFANA}-admin`),
            configMapVolume('datasources', `${GRAFANA}-datasources`),
            configMapVolume('providers', `${GRAFANA}-providers`),
            configMapVolume('dashboards', `${GRAFANA}-dashboards`),
            // Everything that matters comes from files, so its own database may be lost with the pod.
            { name: 'data', emptyDir: { sizeLimit: '1Gi' } },
            { name: 'tmp', emptyDir: { sizeLimit: '256Mi' } },
          ],
        },
      },
    },
  };
}

function container(image: pulumi.Input<string>): k8s.types.input.core.v1.Container {
  const ask = { httpGet: { path: '/api/health', port: 'http' }, periodSeconds: 10, timeoutSeconds: 4 };
  return {
    ...CONTAINER_DEFAULTS,
    name: 'grafana',
    image,
    env: Object.entries(SETTINGS).map(([name, value]) => ({ name, value })),
    ports: [{ name: 'http', containerPort: PORTS.grafana, protocol: 'TCP' }],
    startupProbe: { ...ask, failureThreshold: 30 },
    readinessProbe: ask,
    livenessProbe: { ...ask, failureThreshold: 6 },
    resources: { requests: { cpu: '50m', memory: '192Mi' }, limits: { cpu: '1', memory: '512Mi' } },
    volumeMounts: [
      readOnly('admin', FILES.admin),
      readOnly('datasources', FILES.datasources),
      readOnly('providers', FILES.providers),
      readOnly('dashboards', FILES.dashboards),
      { name: 'data', mountPath: FILES.data },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}
