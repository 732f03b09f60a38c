import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { nodeNames } from '../components/certificates.ts';
import { namesMissing, opensslVerify } from '../tests/support/certificates.ts';
import { read } from '../tests/support/repository.ts';
import { issue, type Pair, password } from './generate.ts';
import { RECIPES } from './plan.ts';
import { certificateProblems } from './usable.ts';

// As k8s/base/recipes.yaml has them, which is read from the program's own inputs of @pulumi/tls.
const { certificates } = RECIPES.parse(parse(read('k8s/base/recipes.yaml')));
const recipe = (name: string) => {
  const found = certificates.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no recipe ${name}`);
  return found;
};

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl)
  console.warn('SKIPPED: no openssl, so the certificates of the Job are judged by Node.js alone');

const made = new Map<string, Pair>();
beforeAll(async () => {
  const ca = await issue(recipe('certificates-ca'), null);
  made.set('certificates-ca', ca);
  for (const { name, signedBy } of certificates)
    if (signedBy !== null) made.set(name, await issue(recipe(name), ca));
});

const pair = (name: string) => made.get(name) as Pair;
const secret = (name: string) => ({
  'ca.crt': pair('certificates-ca').certificate,
  'tls.crt': pair(name).certificate,
  'tls.key': pair(name).key,
});
const CLIENT = '1.3.6.1.5.5.7.3.2';
const SERVER = '1.3.6.1.5.5.7.3.1';
const years = (c: X509Certificate) => (Date.parse(c.validTo) - Date.parse(c.validFrom)) / 31_536_000_000;

describe('the certificates', () => {
  it.each([
    ['certificates-node', 'node', [SERVER, CLIENT]],
    ['certificates-root', 'root', [CLIENT]],
    ['certificates-load', 'loadgen', [CLIENT]],
  ])('%s names %s, for its use, for two years, by the CA, as those of the program do', (name, user, uses) => {
    const certificate = new X509Certificate(pair(name).certificate);
    const issuer = new X509Certificate(pair('certificates-ca').certificate);
    expect(certificate.subject).toBe(`O=Cockroach\nCN=${user}`);
    expect(certificate.keyUsage).toEqual(uses);
    expect(years(certificate)).toBeCloseTo(2, 2);
    expect(certificate.ca).toBe(false);
    expect(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(pair(name).key))).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
    expect(pair(name).key).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
    expect(pair(name).certificate).toMatch(
      /^-----BEGIN CERTIFICATE-----\n[\s\S]+\n-----END CERTIFICATE-----\n$/,
    );
  });

  it('have a CA of ten years that signs itself', () => {
    const ca = new X509Certificate(pair('certificates-ca').certificate);
    expect(ca.ca).toBe(true);
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect(years(ca)).toBeCloseTo(10, 2);
    expect(ca.subject).toBe('O=Cockroach\nCN=CockroachDB Live Evolution CA');
  });

  it.skipIf(!hasOpenssl)('are accepted by openssl, each for what it is used for', () => {
    expect(opensslVerify(secret('certificates-node'), 'sslserver')).toBe('it: OK');
    for (const name of ['certificates-node', 'certificates-root', 'certificates-load'])
      expect(opensslVerify(secret(name), 'sslclient'), name).toBe('it: OK');
    expect(() => opensslVerify(secret('certificates-root'), 'sslserver')).toThrow('unsuitable');
  });

  it('have every name by which the program has a node reached', () => {
    const { dns, ip } = nodeNames('crdb');
    expect(recipe('certificates-node')).toMatchObject({ dnsNames: dns, ipAddresses: ip });
    // OpenSSL takes no wildcard for names of two parts.
    const reached = dns.filter((name) => name !== '*.crdb').map((name) => name.replace('*', 'crdb-0'));
    expect(namesMissing(pair('certificates-node').certificate, reached)).toEqual([]);
  });

  it('are told apart from those that cannot be used', async () => {
    const values = new Map(
      certificates.flatMap(({ name, key }) => [
        [name, pair(name).certificate],
        [key, pair(name).key],
      ]),
    );
    const problems = (changes: Record<string, string>, now = new Date()) =>
      certificateProblems(certificates, new Map([...values, ...Object.entries(changes)]), now);
    expect(problems({})).toEqual([]);
    const later = new Date(Date.now() + 3 * 365 * 86_400_000);
    expect(problems({}, later)).toHaveLength(3);
    expect(problems({}, later)[0]).toMatch(/^The certificate of loadgen expired on /);
    const other = await issue(recipe('certificates-ca'), null);
    expect(problems({ 'certificates-ca': other.certificate })).toEqual([
      expect.stringContaining('The certificate of the CA and the key beside it do not belong together'),
      ...['loadgen', 'node', 'root'].map((user) =>
        expect.stringContaining(`The certificate of ${user} was not made by the CA beside it`),
      ),
    ]);
    expect(problems({ 'certificates-root': 'x' })[0]).toMatch(/^The certificate of root cannot be read/);
  });

  it('are refused when a recipe asks for what is not known here', async () => {
    await expect(issue({ ...recipe('certificates-ca'), usages: ['magic'] }, null)).rejects.toThrow('magic');
  });
});

it('a password has letters and digits only, and is another each time', () => {
  const some = Array.from({ length: 20 }, () => password(32));
  for (const one of some) expect(one).toMatch(/^[A-Za-z0-9]{32}$/);
  expect(new Set(some).size).toBe(20);
});
