import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Grafana } from './grafana.ts';
import { datasourceFile, deployment, SETTINGS } from './grafana-manifests.ts';
import { prometheusUrl } from './prometheus-manifests.ts';
import { recorded } from './recorded.ts';
import { repositoryFiles } from './repository-files.ts';

const ARGS = {
  namespace: 'observability',
  image: 'grafana/grafana:12.2.0',
  prometheusUrl: prometheusUrl('observability'),
};
const made = () => recorded(() => new Grafana('grafana', ARGS));
const data = async (name: string) =>
  (await made()).find((r) => r.name === name)?.inputs.data as Record<string, string>;

interface Pod {
  containers: {
    env: { name: string; value: string }[];
    volumeMounts: { name: string; mountPath: string }[];
  }[];
}
const pod = (deployment(ARGS.namespace, ARGS.image) as { spec: { template: { spec: Pod } } }).spec.template
  .spec;
const mounts = pod.containers[0]?.volumeMounts ?? [];

describe('Grafana', () => {
  it('shows Prometheus as its one datasource, under a fixed identity', async () => {
    const files = await data('grafana-datasources');
    expect(files['datasources.yaml']).toBe(datasourceFile(ARGS.prometheusUrl));
    expect(parse(files['datasources.yaml'] as string).datasources).toMatchObject([
      {
        uid: 'prometheus',
        type: 'prometheus',
        isDefault: true,
        url: 'http://prometheus.observability.svc:9090',
      },
    ]);
  });

  it('loads the dashboards from where they are mounted', async () => {
    const file = (await data('grafana-providers'))['providers.yaml'] as string;
    const { path } = parse(file).providers[0].options;
    expect(mounts.find((m) => m.name === 'dashboards')?.mountPath).toBe(path);
    expect(await data('grafana-dashboards')).toEqual(repositoryFiles('dashboards', '.json'));
  });

  it('fits its dashboards into one ConfigMap, which holds at most 1 MiB', () => {
    const bytes = Buffer.byteLength(Object.values(repositoryFiles('dashboards', '.json')).join(''));
    expect(bytes).toBeLessThan(2 ** 20);
  });

  it('reads the generated password from a mounted file', async () => {
    const secret = (await made()).find((r) => r.inputs.kind === 'Secret')?.inputs;
    expect(JSON.stringify(secret?.stringData)).toContain('secret:grafana-admin-password');
    const directory = mounts.find((m) => m.name === 'admin')?.mountPath;
    expect(SETTINGS.GF_SECURITY_ADMIN_PASSWORD__FILE).toBe(`${directory}/password`);
  });

  it('lets nobody in without a password, and tells nobody outside of itself', () => {
    const env = Object.fromEntries(pod.containers[0]?.env.map(({ name, value }) => [name, value]) ?? []);
    expect(env).toMatchObject({
      GF_AUTH_ANONYMOUS_ENABLED: 'false',
      GF_USERS_ALLOW_SIGN_UP: 'false',
      GF_ANALYTICS_REPORTING_ENABLED: 'false',
      GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
      GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
      GF_NEWS_NEWS_FEED_ENABLED: 'false',
      GF_PLUGINS_PREINSTALL_DISABLED: 'true',
    });
  });
});
