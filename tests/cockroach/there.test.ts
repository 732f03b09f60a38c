import { describe, expect, it } from 'vitest';
import { addressAccess } from '../../components/database/address-access.ts';
import { openClient } from '../../components/database/client.ts';
import { getPage } from '../../components/database/page.ts';
import { lookOnly, missingSeries } from '../support/cockroach-look.ts';

// The part of the contract that only reads, on a cluster that is there: COCKROACH_URL is the URL of root at one node, as `cockroach sql
// --url` takes it, with the files of the certificates; COCKROACH_HTTP the address of the same node's HTTP port (default: port 8080 of
// the same machine).
const url = process.env.COCKROACH_URL;
if (url === undefined)
  console.warn(
    'SKIPPED: what is read of a cluster that is there. COCKROACH_URL names none, e.g. postgresql://root@node:26257/?sslrootcert=ca.crt&sslcert=client.root.crt&sslkey=client.root.key',
  );

describe.skipIf(url === undefined)('a cluster that is there', { timeout: 120_000 }, () => {
  const run = { signal: new AbortController().signal, say: () => {} };
  const parsed = new URL(url ?? 'postgresql://root@localhost:26257');
  const http = new URL(process.env.COCKROACH_HTTP ?? `https://${parsed.hostname}:8080`);
  const file = (name: string) => parsed.searchParams.get(name) ?? '';
  const access = addressAccess({
    nodes: () => [
      {
        name: parsed.hostname,
        host: parsed.hostname,
        ports: { sql: Number(parsed.port || 26257), http: Number(http.port || 443) },
      },
    ],
    files: { ca: file('sslrootcert'), cert: file('sslcert'), key: file('sslkey') },
    lookAt: parsed.hostname,
  });

  it('is understood by what only looks', async () => {
    const database = openClient(access, run);
    try {
      await lookOnly(database, null, 'one');
    } finally {
      database.close();
    }
  });

  it('exposes every series of a node that a dashboard or an alert asks for', async () => {
    const { ca } = await access.certificates();
    const { body } = await getPage(access, parsed.hostname, ca, '/_status/vars', run.signal);
    expect(missingSeries([body]).filter((metric) => !metric.startsWith('workload_'))).toEqual([]);
  });
});
