import { describe, expect, it } from 'vitest';
import type { Resource, Value } from '../../lib/program/resources.ts';
import { generatedFiles, manifests } from './manifests.ts';

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

const texts = (files: readonly { name: string; text: string }[]) =>
  Object.fromEntries(files.map(({ name, text }) => [name, text]));
const rendered = (...resources: Resource[]) => texts(manifests({ stack: 'phase0', resources, outputs: {} }));
/** Beside what the program has generated: a password and a CA. */
const generated = (...own: Resource[]) => {
  const made = (type: string, name: string, inputs: Inputs) => ({
    ...resource('x', type, name, {}),
    type,
    inputs,
  });
  const subject = { commonName: 'ca', organization: 'x' };
  const resources = [
    ...own,
    made('random:index/randomPassword:RandomPassword', 'a-password', { length: 8, special: false }),
    made('tls:index/selfSignedCert:SelfSignedCert', 'certificates-ca', {
      privateKeyPem: { secret: true, digest: 'x', shape: '<certificates-ca-key>' },
      subject,
    }),
  ];
  return texts(generatedFiles({ stack: 'phase0', resources, outputs: {} }, []))['objects.yaml'] ?? '';
};

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\n<certificates-ca>\n-----END CERTIFICATE-----\n';

describe('rendering', () => {
  it('writes a file for each part, in an order that people read', () => {
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

  it('says of each object that it is not made by Pulumi, its pods included', () => {
    const label = { 'app.kubernetes.io/managed-by': 'pulumi', other: 'pulumi' };
    const pod = { metadata: { labels: label }, spec: { containers: [] } };
    const text = rendered(
      resource('app', 'Deployment', 'a', { metadata: { name: 'a', labels: label }, spec: { template: pod } }),
    )['70-app.yaml'];
    expect(text?.match(/managed-by: kustomize/g)).toHaveLength(2);
    expect(text).not.toContain('managed-by: pulumi');
    expect(text?.match(/other: pulumi/g)).toHaveLength(2);
  });

  it('leaves Secrets out of what is applied, and writes what they are to hold, for the Job', () => {
    const secret = resource('app', 'Secret', 'login', {
      stringData: {
        secret: true,
        digest: 'x',
        shape: {
          url: 'postgresql://a:<a-password>@b',
          'tls.crt': CERTIFICATE,
        },
      },
    });
    expect(rendered(secret)).toEqual({});
    expect(generated(secret)).toContain(
      'stringData:\n  tls.crt: <certificates-ca>\n  url: postgresql://a:<a-password>@b\n',
    );
  });

  it('does the same with a ConfigMap that holds a generated certificate: it is there whole, or not at all', () => {
    const map = resource('prometheus', 'ConfigMap', 'config', {
      data: { 'ca.crt': CERTIFICATE, 'a.yml': 'a: 1' },
    });
    expect(rendered(map)).toEqual({});
    expect(generated(map)).toContain('data:\n  a.yml: "a: 1"\n  ca.crt: <certificates-ca>\n');
  });

  it('refuses a secret outside of a Secret, a value that only a run knows, and a part that it does not know', () => {
    const secret: Value = { secret: true, digest: 'x', shape: '<password>' };
    const pod = resource('app', 'Pod', 'pod', { spec: { containers: [{ env: { unknown: true } }] } });
    expect(() => rendered(resource('app', 'Pod', 'map', { spec: { password: secret } }))).toThrow(
      'map.spec.password is a secret',
    );
    expect(() => rendered(pod)).toThrow('pod.spec.containers[0].env is known only after a run');
    expect(() => rendered(resource('billing', 'Pod', 'pod', {}))).toThrow('billing has no file');
  });
});
