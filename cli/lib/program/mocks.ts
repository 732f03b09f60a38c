import * as pulumi from '@pulumi/pulumi';
import type { MockCallArgs, MockResourceArgs, Mocks } from '@pulumi/pulumi/runtime/mocks.js';
import { placeholder } from './settings.ts';

/**
 * The providers' answers, as far as a preview needs them. Values that only a real run can know stay unknown, and a secret is a
 * placeholder. The monitor marks `additionalSecretOutputs` as secret.
 */
export const MOCKS: Mocks = {
  newResource: ({ type, name, inputs }: MockResourceArgs) => ({
    id: `${name}-id`,
    state: { ...inputs, ...made(type, name, inputs) },
  }),
  call: ({ inputs }: MockCallArgs) => inputs,
};

function made(type: string, name: string, inputs: Record<string, unknown>): Record<string, unknown> {
  switch (type) {
    case 'random:index/randomPassword:RandomPassword':
      return { result: placeholder(name), bcryptHash: pulumi.secret(placeholder(`${name}-hash`)) };
    case 'random:index/randomBytes:RandomBytes':
      return { hex: placeholder(name), base64: placeholder(name) };
    case 'tls:index/privateKey:PrivateKey':
      return {
        privateKeyPem: pulumi.secret(pem('PRIVATE KEY', placeholder(name))),
        privateKeyPemPkcs8: pulumi.secret(pem('PRIVATE KEY', placeholder(name))),
        publicKeyPem: pem('PUBLIC KEY', `<${name}>`),
      };
    case 'tls:index/selfSignedCert:SelfSignedCert':
    case 'tls:index/locallySignedCert:LocallySignedCert':
      return { certPem: pem('CERTIFICATE', `<${name}>`) };
    case 'tls:index/certRequest:CertRequest':
      return { certRequestPem: pem('CERTIFICATE REQUEST', `<${name}>`) };
    case 'kubernetes:yaml/v2:ConfigGroup':
      return { resources: [] };
  }
  return type.startsWith('kubernetes:') && !type.startsWith('kubernetes:yaml')
    ? kubernetes(name, inputs)
    : {};
}

/** The API server fills in a name where none is given. */
function kubernetes(name: string, inputs: Record<string, unknown>): Record<string, unknown> {
  const metadata = (inputs.metadata ?? {}) as Record<string, unknown>;
  return { metadata: { name, namespace: 'default', ...metadata } };
}

function pem(kind: string, content: string): string {
  return `-----BEGIN ${kind}-----\n${content}\n-----END ${kind}-----\n`;
}
