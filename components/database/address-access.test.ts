import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { addressAccess, rootFiles } from './address-access.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'address-test-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

/** A listener that says its name. */
async function listener(name: string): Promise<number> {
  const server = createServer((socket) => socket.end(name));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

it('leads to the two ports of each node, whatever address `connect` is given', async () => {
  const ports = { sql: await listener('sql'), http: await listener('http') };
  const nodes = [{ name: 'n1', host: '127.0.0.1', ports }];
  const access = addressAccess({ nodes: () => nodes, files: rootFiles(folder()), lookAt: 'here' });
  expect(await access.nodes()).toMatchObject([{ name: 'n1', ready: true }]);
  expect(access.host('n1')).toBe('127.0.0.1');
  for (const port of ['sql', 'http'] as const) {
    const tunnel = access.tunnel('n1', port);
    // `pg` hands over the host that it verifies the certificate for, and a port.
    Reflect.apply(tunnel.connect, tunnel, [1, 'elsewhere']);
    expect(String((await once(tunnel, 'data'))[0])).toBe(port);
    tunnel.destroy();
  }
  expect(() => access.tunnel('n2', 'sql')).toThrow('there is no node n2');
});

it('reads the certificates anew each time, and names the one that is not there', async () => {
  const certs = folder();
  const access = addressAccess({ nodes: () => [], files: rootFiles(certs), lookAt: 'here' });
  await expect(access.certificates()).rejects.toThrow(
    `The certificate ${certs}/ca.crt cannot be read: ENOENT`,
  );
  for (const file of ['ca.crt', 'client.root.crt', 'client.root.key']) writeFileSync(join(certs, file), file);
  expect(await access.certificates()).toEqual({
    ca: 'ca.crt',
    cert: 'client.root.crt',
    key: 'client.root.key',
  });
});
