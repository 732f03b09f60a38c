// A dependency of the next import needs this to be loaded first.
import 'reflect-metadata';
import { createPrivateKey, KeyObject, randomInt, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { CertificateRecipe } from './plan.ts';

/** Certificate and key, in PEM. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Letters and digits only, because it becomes part of a URL. */
export function password(length: number): string {
  return Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
} as const;

const HOUR_MS = 3_600_000;

/** Makes a certificate from its recipe, as @pulumi/tls does from the same inputs. `ca` signs it; null for the CA itself. */
export async function issue(recipe: CertificateRecipe, ca: Pair | null): Promise<Pair> {
  const keys = await webcrypto.subtle.generateKey(RSA, true, ['sign', 'verify']);
  const issuer = ca === null ? undefined : new x509.X509Certificate(ca.certificate);
  const subject = nameOf(recipe.subject);
  const now = new Date();
  const made = await x509.X509CertificateGenerator.create({
    subject,
    issuer: issuer?.subjectName ?? subject,
    notBefore: now,
    notAfter: new Date(now.getTime() + recipe.hours * HOUR_MS),
    publicKey: keys.publicKey,
    signingKey: ca === null ? keys.privateKey : await signingKey(ca.key),
    signingAlgorithm: RSA,
    extensions: await extensions(recipe, keys.publicKey, issuer),
  });
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs1', format: 'pem' });
  return { certificate: `${made.toString('pem')}\n`, key: String(key) };
}

function nameOf({ commonName, organization }: CertificateRecipe['subject']): x509.Name {
  return new x509.Name([{ O: [organization] }, { CN: [commonName] }]);
}

async function signingKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, RSA, false, ['sign']);
}

const KEY_USAGES: Readonly<Record<string, x509.KeyUsageFlags>> = {
  digital_signature: x509.KeyUsageFlags.digitalSignature,
  key_encipherment: x509.KeyUsageFlags.keyEncipherment,
  cert_signing: x509.KeyUsageFlags.keyCertSign,
  crl_signing: x509.KeyUsageFlags.cRLSign,
};
const EXTENDED: Readonly<Record<string, x509.ExtendedKeyUsage>> = {
  server_auth: x509.ExtendedKeyUsage.serverAuth,
  client_auth: x509.ExtendedKeyUsage.clientAuth,
};

async function extensions(
  { usages, dnsNames, ipAddresses, signedBy }: CertificateRecipe,
  publicKey: webcrypto.CryptoKey,
  issuer: x509.X509Certificate | undefined,
): Promise<x509.Extension[]> {
  const unknown = usages.filter((usage) => !(usage in KEY_USAGES || usage in EXTENDED));
  if (unknown.length > 0)
    throw new Error(`these usages of a certificate are not known: ${unknown.join(', ')}`);
  const flags = usages.reduce((sum, usage) => sum | (KEY_USAGES[usage] ?? 0), 0);
  const extended = usages.flatMap((usage) => EXTENDED[usage] ?? []);
  const names = [
    ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...ipAddresses.map((value) => ({ type: 'ip' as const, value })),
  ];
  return [
    new x509.BasicConstraintsExtension(signedBy === null, undefined, true),
    new x509.KeyUsagesExtension(flags, true),
    ...(extended.length > 0 ? [new x509.ExtendedKeyUsageExtension(extended)] : []),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ...(issuer === undefined ? [] : [await x509.AuthorityKeyIdentifierExtension.create(issuer)]),
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
  ];
}
