import { describe, expect, it } from 'vitest';
import { parseConnectionUrl } from '../app/src/database/connection-url.ts';
import { knownHosts } from '../app/src/hosts.ts';
import { SampleApp, type SampleAppArgs } from './app.ts';
import { connectionUrl, registryOf } from './app-manifests.ts';
import { nodeNames } from './certificates.ts';
import { inPlainText, type Recorded, recorded } from './recorded.ts';

const ARGS: SampleAppArgs = {
  namespace: 'sample-app',
  databaseNamespace: 'crdb',
  image: 'sample-app:0.1.0',
  ca: 'PEM',
  writer: { name: 'app_writer', password: 'p@ss:/word' },
};
const app = (args: Partial<SampleAppArgs> = {}) => recorded(() => new SampleApp('app', { ...ARGS, ...args }));

function inputs(resources: readonly Recorded[], name: string): Record<string, unknown> {
  const found = resources.find((resource) => resource.name === name);
  if (found === undefined) throw new Error(`no ${name} among ${resources.map((r) => r.name).join(', ')}`);
  return found.inputs;
}

describe('the connection URL', () => {
  it('is one that the app reads, whatever the password holds', () => {
    const url = connectionUrl('crdb-writer', 'crdb', 'app_writer', 'p@ss:/wo?rd %').replace(
      'verify-full',
      'require',
    );
    const settings = parseConnectionUrl(url.replace(/&sslrootcert=.*/, ''));
    expect(settings).toMatchObject({
      user: 'app_writer',
      password: 'p@ss:/wo?rd %',
      database: 'evolution',
      port: 26257,
    });
    expect(connectionUrl('crdb-writer', 'crdb', 'a', 'b')).toMatch(
      /\?sslmode=verify-full&sslrootcert=\/certs\/ca.crt$/,
    );
  });

  it.each(['crdb-writer', 'crdb-reader'])("names %s as the nodes' certificate does", (service) => {
    const { hostname } = new URL(connectionUrl(service, 'crdb', 'a', 'b'));
    expect(nodeNames('crdb').dns).toContain(hostname);
  });
});

describe('the sample app', () => {
  it('reads as the writer until there is a reader, and then through the same Service as the reader', async () => {
    const urls = async (args: Partial<SampleAppArgs>) =>
      inPlainText(inputs(await app(args), 'app-database').stringData) as Record<string, string>;
    const before = await urls({});
    expect(before['writer-url']).toMatch(
      /^postgresql:\/\/app_writer:p%40ss%3A%2Fword@crdb-writer\.crdb\.svc:/,
    );
    expect(before['reader-url']).toMatch(
      /^postgresql:\/\/app_writer:p%40ss%3A%2Fword@crdb-reader\.crdb\.svc:/,
    );
    const after = await urls({ reader: { name: 'app_reader', password: 'r' } });
    expect(after).toEqual({
      'writer-url': before['writer-url'],
      'reader-url': before['reader-url']?.replace('app_writer:p%40ss%3A%2Fword', 'app_reader:r'),
    });
  });

  it('changes in that URL alone when the reader comes', async () => {
    const [before, after] = [await app(), await app({ reader: { name: 'app_reader', password: 'r' } })];
    const changed = after.filter((r, i) => JSON.stringify(r) !== JSON.stringify(before[i]));
    expect(after).toHaveLength(before.length);
    expect(changed.map((r) => r.name)).toEqual(['app-database']);
  });

  it('finds every file that its settings name', async () => {
    const resources = await app();
    const settings = inputs(resources, 'app-config').data as Record<string, string>;
    const { volumeMounts, volumes } = pod(inputs(resources, 'app-deployment'));
    const files = Object.entries(settings).filter(([key]) => key.endsWith('_FILE'));
    expect(files).toHaveLength(4);
    for (const [, path] of files) {
      const mount = volumeMounts.find((m) => path.startsWith(`${m.mountPath}/`));
      const volume = volumes.find((v) => v.name === mount?.name);
      const secret = resources.find(
        (r) => (r.inputs.metadata as { name?: string } | undefined)?.name === volume?.secret?.secretName,
      );
      const keys = Object.keys(inPlainText(secret?.inputs.stringData) as object);
      expect(keys).toContain(path.slice((mount?.mountPath.length ?? 0) + 1));
    }
  });

  it('names its Service in every form, so that the app is served under it without a token too', async () => {
    const data = inputs(await app({ namespace: 'demo' }), 'app-config').data as Record<string, string>;
    const allowedHosts = data.APP_ALLOWED_HOSTS?.split(',') ?? [];
    const isKnown = knownHosts({ host: '0.0.0.0', allowedHosts, controlToken: undefined });
    for (const end of ['', '.demo', '.demo.svc', '.demo.svc.cluster.local'])
      for (const port of ['', ':80']) expect(isKnown(`sample-app${end}${port}`)).toBe(true);
    for (const other of ['sample-app.com', 'demo.svc', 'other.demo.svc']) expect(isKnown(other)).toBe(false);
  });

  it('mounts whole directories, so that a changed Secret reaches it', async () => {
    const { volumeMounts } = pod(inputs(await app(), 'app-deployment'));
    for (const mount of volumeMounts) expect(mount).not.toHaveProperty('subPath');
  });

  it('asks Prometheus only where there is one', async () => {
    const data = async (args: Partial<SampleAppArgs>) => inputs(await app(args), 'app-config').data;
    expect(await data({})).not.toHaveProperty('APP_PROMETHEUS_URL');
    expect(await data({ prometheusUrl: 'http://p:9090' })).toHaveProperty(
      'APP_PROMETHEUS_URL',
      'http://p:9090',
    );
  });

  it('is pulled by its machine, and with a login where one is given', async () => {
    const template = (resources: readonly Recorded[]) =>
      (inputs(resources, 'app-deployment').spec as { template: { spec: object } }).template.spec;
    expect(template(await app())).not.toHaveProperty('imagePullSecrets');
    const image = 'registry.example:5000/team/sample-app:1';
    const resources = await app({ image, registry: { name: 'me', password: 'p"w' } });
    expect(template(resources)).toMatchObject({ imagePullSecrets: [{ name: 'sample-app-registry' }] });
    const secret = inputs(resources, 'app-registry');
    expect(secret).toMatchObject({
      type: 'kubernetes.io/dockerconfigjson',
      metadata: { name: 'sample-app-registry', namespace: 'sample-app' },
    });
    const { '.dockerconfigjson': content = '' } = inPlainText(secret.stringData) as Record<string, string>;
    expect(JSON.parse(content)).toEqual({
      auths: { 'registry.example:5000': { username: 'me', password: 'p"w' } },
    });
  });

  it.each([
    ['sample-app:1', 'https://index.docker.io/v1/'],
    ['team/sample-app:1', 'https://index.docker.io/v1/'],
    ['ghcr.io/team/sample-app:1', 'ghcr.io'],
    ['localhost/sample-app:1', 'localhost'],
    ['localhost:5001/sample-app:1', 'localhost:5001'],
  ])('has a login for the registry of %s: %s', (image, registry) => {
    expect(registryOf(image)).toBe(registry);
  });

  it('keeps a replica through disruptions when it has more than one', async () => {
    const kinds = async (args: Partial<SampleAppArgs>) => (await app(args)).map((r) => r.inputs.kind);
    expect(await kinds({})).not.toContain('PodDisruptionBudget');
    expect(await kinds({ replicas: 2 })).toContain('PodDisruptionBudget');
  });

  it('leaves the number of replicas to the optional autoscaler', async () => {
    const resources = await app({ replicas: 2, autoscaling: true });
    expect(inputs(resources, 'app-deployment').spec).not.toHaveProperty('replicas');
    expect(inputs(resources, 'app-autoscaler').spec).toMatchObject({ minReplicas: 2, maxReplicas: 4 });
    expect(inputs(await app({ replicas: 2 }), 'app-deployment').spec).toHaveProperty('replicas', 2);
  });

  it('says how to reach it, with the context where one is set', async () => {
    const command = async (args: Partial<SampleAppArgs>) => {
      let text = '';
      await recorded(
        () =>
          void new SampleApp('app', { ...ARGS, ...args }).portForward.apply((value) => {
            text = value;
          }),
      );
      return text;
    };
    expect(await command({})).toBe('kubectl -n sample-app port-forward service/sample-app 8080:80');
    expect(await command({ context: 'kind-demo' })).toContain('kubectl --context kind-demo -n sample-app');
  });
});

interface Pod {
  volumeMounts: { name: string; mountPath: string }[];
  volumes: { name: string; secret?: { secretName: string } }[];
}

function pod(deployment: Record<string, unknown>): Pod {
  const { spec } = (deployment.spec as { template: { spec: { containers: Pod[]; volumes: Pod['volumes'] } } })
    .template;
  return { volumeMounts: spec.containers[0]?.volumeMounts ?? [], volumes: spec.volumes };
}
