import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import * as k8s from '@pulumi/kubernetes';
import { LocalWorkspace, type Stack } from '@pulumi/pulumi/automation';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Certificates, nodeNames } from './certificates.ts';

it('a node has every name that it is reached by', () => {
  const { dns, ip } = nodeNames('ns');
  expect(ip).toEqual(['127.0.0.1', '::1']);
  expect(dns).toContain('localhost');
  for (const end of ['', '.ns', '.ns.svc', '.ns.svc.cluster.local']) {
    for (const name of ['*.crdb', 'crdb-public', 'crdb-writer', 'crdb-reader'])
      expect(dns).toContain(name + end);
  }
  expect(dns).toHaveLength(17);
});

const hasEngine = (() => {
  try {
    execFileSync('pulumi', ['version'], { env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: '1' } });
    return true;
  } catch {
    console.warn('SKIPPED: no pulumi on PATH, the certificates are not made');
    return false;
  }
})();

interface Pair {
  readonly 'ca.crt': string;
  readonly 'tls.crt': string;
  readonly 'tls.key': string;
}

// The real provider makes them, and the Kubernetes provider writes the Secrets to files instead of a cluster.
describe.skipIf(!hasEngine)('the certificates that the engine makes', () => {
  const directory = mkdtempSync(join(tmpdir(), 'certificates-'));
  const secrets: Record<string, Pair> = {};
  let stack: Stack;
  let ca: string;

  beforeAll(async () => {
    const state = join(directory, 'state');
    const yaml = join(directory, 'yaml');
    mkdirSync(state);
    const program = async () => {
      const provider = new k8s.Provider('files', { renderYamlToDirectory: yaml });
      const certificates = new Certificates('certificates', { namespace: 'ns' }, { provider });
      return { ca: certificates.ca, nodeSecret: certificates.nodeSecret };
    };
    stack = await LocalWorkspace.createStack(
      { stackName: 'test', projectName: 'certificates', program },
      {
        workDir: directory,
        envVars: {
          PULUMI_BACKEND_URL: `file://${state}`,
          PULUMI_CONFIG_PASSPHRASE: 'test',
          PULUMI_SKIP_UPDATE_CHECK: '1',
        },
      },
    );
    ca = (await stack.up()).outputs.ca?.value;
    const files = join(yaml, '1-manifest');
    for (const file of readdirSync(files)) {
      const { metadata, data, stringData } = parse(readFileSync(join(files, file), 'utf8'));
      const plain = Object.entries(data ?? {}).map(([k, v]) => [
        k,
        Buffer.from(String(v), 'base64').toString(),
      ]);
      secrets[metadata.name] = { ...Object.fromEntries(plain), ...stringData };
    }
  }, 120_000);

  afterAll(() => rmSync(directory, { recursive: true }));

  const pair = (name: string) => {
    const found = secrets[name];
    if (!found) throw new Error(`no Secret ${name}, only ${Object.keys(secrets)}`);
    return found;
  };
  const certificate = (name: string) => new X509Certificate(pair(name)['tls.crt']);
  const years = (c: X509Certificate) => (Date.parse(c.validTo) - Date.parse(c.validFrom)) / 31_536_000_000;
  const CLIENT = '1.3.6.1.5.5.7.3.2';
  const SERVER = '1.3.6.1.5.5.7.3.1';

  it('are three pairs with their CA, in Secrets', () => {
    expect(Object.keys(secrets).sort()).toEqual(['crdb-loadgen-tls', 'crdb-node-tls', 'crdb-root-tls']);
    for (const secret of Object.values(secrets)) {
      expect(Object.keys(secret).sort()).toEqual(['ca.crt', 'tls.crt', 'tls.key']);
      expect(secret['ca.crt']).toBe(ca);
    }
  });

  it.each([
    ['crdb-node-tls', 'node', [SERVER, CLIENT]],
    ['crdb-root-tls', 'root', [CLIENT]],
    ['crdb-loadgen-tls', 'loadgen', [CLIENT]],
  ])('%s names %s, for its use, for two years, by the CA', (name, user, uses) => {
    const made = certificate(name);
    const issuer = new X509Certificate(ca);
    expect(made.subject).toBe(`O=Cockroach\nCN=${user}`);
    expect(made.keyUsage).toEqual(uses);
    expect(years(made)).toBeCloseTo(2, 2);
    expect(made.ca).toBe(false);
    expect(made.checkIssued(issuer) && made.verify(issuer.publicKey)).toBe(true);
    expect(made.checkPrivateKey(createPrivateKey(pair(name)['tls.key']))).toBe(true);
    expect(made.publicKey.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
  });

  it('have a CA of ten years that signs itself', () => {
    const issuer = new X509Certificate(ca);
    expect(issuer.ca).toBe(true);
    expect(issuer.verify(issuer.publicKey)).toBe(true);
    expect(years(issuer)).toBeCloseTo(10, 2);
  });

  it('pass openssl, in the use that each is for', () => {
    const path = (name: string, text: string) => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    };
    const file = path('ca.crt', ca);
    const verify = (name: string, purpose: string) =>
      execFileSync(
        'openssl',
        ['verify', '-x509_strict', '-CAfile', file, '-purpose', purpose, path(name, pair(name)['tls.crt'])],
        { encoding: 'utf8', stdio: 'pipe' },
      );
    for (const name of Object.keys(secrets)) expect(verify(name, 'sslclient')).toMatch(/: OK/);
    expect(verify('crdb-node-tls', 'sslserver')).toMatch(/: OK/);
    expect(() => verify('crdb-root-tls', 'sslserver')).toThrow(/purpose/);
    const text = (name: string) =>
      execFileSync('openssl', ['x509', '-noout', '-text', '-in', join(directory, name)], {
        encoding: 'utf8',
      });
    expect(text('crdb-node-tls')).toMatch(/Key Usage: critical\s+Digital Signature, Key Encipherment\n/);
    expect(text('ca.crt')).toMatch(/Key Usage: critical\s+.*Certificate Sign/);
  });

  it('let each side of a connection verify the other, at every name', async () => {
    const node = pair('crdb-node-tls');
    const server = createServer({
      ca,
      cert: node['tls.crt'],
      key: node['tls.key'],
      requestCert: true,
      rejectUnauthorized: true,
    });
    server.on('secureConnection', (socket: TLSSocket) =>
      socket.end(String(socket.getPeerCertificate().subject.CN)),
    );
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const call = (servername: string, client: Pair) =>
      new Promise<string>((resolve, reject) => {
        const to = {
          host: '127.0.0.1',
          port,
          servername,
          ca,
          cert: client['tls.crt'],
          key: client['tls.key'],
        };
        let said = '';
        connect(to)
          .on('data', (chunk) => {
            said += chunk;
          })
          .on('end', () => resolve(said))
          .on('error', reject);
      });
    try {
      for (const name of [
        'crdb-writer',
        'crdb-reader.ns',
        'crdb-reader.ns.svc',
        'crdb-public.ns.svc.cluster.local',
      ])
        expect(await call(name, pair('crdb-root-tls'))).toBe('root');
      // Nodes are each other's clients.
      expect(await call('crdb-2.crdb.ns', node)).toBe('node');
      expect(await call('crdb-0.crdb.ns.svc.cluster.local', pair('crdb-loadgen-tls'))).toBe('loadgen');
      await expect(call('crdb-writer.other', node)).rejects.toThrow(/does not match certificate's altnames/);
    } finally {
      server.close();
    }
  });

  it('leave no key in plain text in the state, nor an update in the next preview', async () => {
    const file = join(directory, 'state/.pulumi/stacks/certificates/test.json');
    const state = readFileSync(file, 'utf8');
    expect(state).toContain('BEGIN CERTIFICATE');
    const keys = Object.values(secrets).map((secret) => secret['tls.key'].split('\n')[5] ?? '?');
    expect([...keys, 'PRIVATE KEY'].filter((text) => state.includes(text))).toEqual([]);
    const { changeSummary } = await stack.preview();
    expect(Object.keys(changeSummary)).toEqual(['same']);
  }, 60_000);
});
