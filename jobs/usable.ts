import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { CertificateRecipe } from './plan.ts';
import type { Values } from './templates.ts';

/** What is wrong with the existing certificates, one sentence each. Never contains a key. */
export function certificateProblems(
  recipes: readonly CertificateRecipe[],
  values: Values,
  now = new Date(),
): string[] {
  return recipes.flatMap(({ name, key, signedBy, subject }) => {
    const pem = values.get(name);
    if (pem === undefined) return [];
    const whose = signedBy === null ? 'the CA' : subject.commonName;
    const why = problemOf(pem, values.get(key), signedBy === null ? undefined : values.get(signedBy), now);
    return why === null
      ? []
      : [
          `The certificate of ${whose} ${why}. It is left alone: put its Secret right (docs/runbooks/certificates.md), then apply again`,
        ];
  });
}

function problemOf(pem: string, key: string | undefined, ca: string | undefined, now: Date): string | null {
  try {
    const certificate = new X509Certificate(pem);
    if (new Date(certificate.validTo) <= now) return `expired on ${certificate.validTo}`;
    if (key !== undefined && !certificate.checkPrivateKey(createPrivateKey(key)))
      return 'and the key beside it do not belong together';
    if (ca !== undefined && !certificate.verify(new X509Certificate(ca).publicKey))
      return 'was not made by the CA beside it';
    return null;
  } catch (error) {
    return `cannot be read: ${(error as Error).message}`;
  }
}
