import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What `openssl verify` says of a certificate, by the authority that stands beside it. */
export function opensslVerify(pair: Readonly<Record<string, string>>, purpose: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'certificates-'));
  try {
    const [ca, certificate] = [join(directory, 'ca.crt'), join(directory, 'tls.crt')];
    writeFileSync(ca, pair['ca.crt'] ?? '');
    writeFileSync(certificate, pair['tls.crt'] ?? '');
    const args = ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', ca, certificate];
    return execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' })
      .trim()
      .replace(certificate, 'it');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The names that the certificate does not hold. */
export function namesMissing(pem: string, names: readonly string[]): string[] {
  const certificate = new X509Certificate(pem);
  return names.filter((name) => certificate.checkHost(name) === undefined);
}
