import { describe, expect, it } from 'vitest';
import type { Resource, Value } from '../../lib/program/resources.ts';
import { manifests } from './manifests.ts';

type Inputs = { [key: string]: Value };

function resource(component: string, kind: string, name: string, inputs: Inputs): Resource {
  return {
    urn: `kubernetes:core/v1:${kind}::${name}`,
    type: `kubernetes:core/v1:${kind}`,
    name,
    path: [component, name],
    custom: true,
    inputs: { apiVersion: 'v1', kind, metadata: { name, namespace: 'ns' }, ...inputs },
    dependencies: [],
    protect: false,
    aliases: [],
    ignoreChanges: [],
    provider: undefined,
  };
}

function rendered(...resources: Resource[]) {
  const files = manifests({ stack: 'phase0', resources, outputs: {} });
  return Object.fromEntries(files.map(({ name, text }) => [name, text]));
}

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\n<certificates-ca>\n-----END CERTIFICATE-----\n';

describe('rendering', () => {
  it('writes a file for each part, in the order in which they are applied', () => {
    const service = resource('services', 'Service', 'b', { spec: { type: 'ClusterIP' } });
    const account = resource('app', 'ServiceAccount', 'a', {});
    const map = resource('app', 'ConfigMap', 'c', {
      data: { on: 'yes', text: 'two\nlines\n' },
      metadata: { annotations: { 'pulumi.com/skipAwait': 'true' }, namespace: 'ns', name: 'c' },
    });
    expect(Object.keys(rendered(map, account, service))).toEqual(['40-services.yaml', '70-app.yaml']);
    expect(rendered(map, account, service)['70-app.yaml']?.split('---\n').slice(1)).toEqual([
      'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: a\n  namespace: ns\n',
      // As kubectl reads it, which takes a bare `on` or `yes` for a truth value.
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n  namespace: ns\ndata:\n  "on": "yes"\n  text: |\n    two\n    lines\n',
    ]);
  });

  it('writes a Secret as the command that makes it', () => {
    const secret = resource('app', 'Secret', 'login', {
      stringData: {
        secret: true,
        digest: 'x',
        shape: { url: 'postgresql://a:<a-password>@b', 'tls.key': 'a\nb\n' },
      },
    });
    expect(rendered(secret)['70-app.yaml']).toBe(
      [
        '# The sample app. After the SQL: see README.md.',
        '# Made by: npm run render',
        '',
        '# Secret ns/login. Make it with your own values for what is in <>:',
        '#   kubectl create secret generic login --namespace ns \\',
        "#     --from-literal='url=postgresql://a:<a-password>@b' \\",
        '#     --from-file=tls.key',
        '',
      ].join('\n'),
    );
  });

  it('leaves a generated certificate out of a ConfigMap, and says how to add one', () => {
    const map = resource('prometheus', 'ConfigMap', 'config', {
      data: { 'ca.crt': CERTIFICATE, 'a.yml': 'a: 1' },
    });
    const text = rendered(map)['80-prometheus.yaml'] ?? '';
    expect(text).toContain(
      '#   kubectl create configmap config --namespace ns \\\n#     --from-file=ca.crt \\\n',
    );
    expect(text).toMatch(/data:\n {2}a\.yml: "a: 1"\n$/);
    expect(text).not.toContain('BEGIN CERTIFICATE');
  });

  it('refuses a secret outside of a Secret, a value that only a run knows, and a part that it does not know', () => {
    const secret: Value = { secret: true, digest: 'x', shape: '<password>' };
    expect(() => rendered(resource('app', 'ConfigMap', 'map', { data: { password: secret } }))).toThrow(
      'map.data.password is a secret',
    );
    const pod = resource('app', 'Pod', 'pod', { spec: { containers: [{ env: { unknown: true } }] } });
    expect(() => rendered(pod)).toThrow('pod.spec.containers[0].env is known only after a run');
    expect(() => rendered(resource('billing', 'Pod', 'pod', {}))).toThrow('billing has no file');
  });
});
