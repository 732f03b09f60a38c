import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { awaitWebhook } from './webhook.ts';

// What the API server of Kubernetes 1.34 said while the operator v2.18.3 started, word for word.
const CALL =
  'Internal error occurred: failed calling webhook "mcrdbcluster.kb.io": failed to call webhook: Post "https://cockroach-operator-webhook-service.cockroach-operator-system.svc:443/mutate-crdb-cockroachlabs-com-v1alpha1-crdbcluster?timeout=10s": ';
const ANSWERS = {
  noDefinition: [404, '404 page not found\n'],
  noService: [500, `${CALL}service "cockroach-operator-webhook-service" not found`],
  refused: [500, `${CALL}dial tcp 10.96.83.12:443: connect: connection refused`],
  threeNodes: [
    422,
    'CrdbCluster.crdb.cockroachlabs.com "readiness-check-x7" is invalid: spec.nodes: Invalid value: 1: spec.nodes in body should be greater than or equal to 3',
  ],
  forbidden: [
    403,
    'crdbclusters.crdb.cockroachlabs.com is forbidden: User "eve" cannot create resource "crdbclusters" in API group "crdb.cockroachlabs.com" in the namespace "crdb"',
  ],
  accepted: [201, ''],
} as const;
type Answer = keyof typeof ANSWERS;

let directory: string;
let server: Server;
let answers: Answer[];
let requests: { url: string; body: { metadata: object; spec: { nodes: number } } }[];
const run = { signal: new AbortController().signal, say: () => {} };
const target = { context: '', namespace: 'crdb', timeoutSeconds: 20 };

beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      requests.push({ url: request.url ?? '', body: JSON.parse(text) });
      // The last one stands for all that follow.
      const [code, message] = ANSWERS[(answers.length > 1 ? answers.shift() : answers[0]) ?? 'refused'];
      const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code };
      const plain = message.startsWith('404');
      response.writeHead(code, { 'content-type': plain ? 'text/plain' : 'application/json' });
      response.end(plain ? message : JSON.stringify(code === 201 ? JSON.parse(text) : status));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  directory = mkdtempSync(join(tmpdir(), 'webhook-'));
  const kubeconfig = join(directory, 'kubeconfig');
  const { port } = server.address() as AddressInfo;
  const clusters = [
    { name: 'here', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
  ];
  const contexts = [{ name: 'here', context: { cluster: 'here', user: 'eve' } }];
  writeFileSync(
    kubeconfig,
    JSON.stringify({ clusters, contexts, users: [{ name: 'eve', user: {} }], 'current-context': 'here' }),
  );
  vi.stubEnv('KUBECONFIG', kubeconfig);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true });
});

describe("the wait for the operator's webhook", () => {
  it('outlasts a definition, a service and a webhook that are not there yet', async () => {
    answers = ['noDefinition', 'noService', 'refused', 'accepted'];
    await awaitWebhook(target, run);
    expect(requests).toHaveLength(4);
  });

  it('tries a cluster of one node, as a dry run, under a name that cannot be taken', async () => {
    answers = ['accepted'];
    await awaitWebhook(target, run);
    const [request] = requests;
    expect(request?.url).toBe(
      '/apis/crdb.cockroachlabs.com/v1alpha1/namespaces/crdb/crdbclusters?dryRun=All',
    );
    expect(request?.body.spec.nodes).toBe(1);
    expect(request?.body.metadata).toEqual({ generateName: 'readiness-check-' });
  });

  it('ends at once when the definition asks for three nodes, and says what to set', async () => {
    answers = ['threeNodes'];
    await expect(awaitWebhook(target, run)).rejects.toThrow(/fewer than 3 nodes.*operatorInstall to true/);
    expect(requests).toHaveLength(1);
  });

  it('ends at once when the user may not make clusters', async () => {
    answers = ['forbidden'];
    await expect(awaitWebhook(target, run)).rejects.toThrow(/refuses .* 403: .*User "eve" cannot create/);
    expect(requests).toHaveLength(1);
  });

  it('ends at its deadline, and says what was seen last and where to look', async () => {
    answers = ['noService', 'refused'];
    await expect(awaitWebhook({ ...target, timeoutSeconds: 2 }, run)).rejects.toThrow(
      /after 2 s.*500: .*connection refused.*kubectl -n cockroach-operator-system/s,
    );
  });

  it('outlasts a connection that breaks, too', async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(awaitWebhook({ ...target, timeoutSeconds: 1 }, run)).rejects.toThrow(/ECONNREFUSED/);
  });

  it('can be cancelled', async () => {
    answers = ['refused'];
    const controller = new AbortController();
    const waiting = awaitWebhook(target, { ...run, signal: controller.signal });
    await vi.waitFor(() => expect(requests.length).toBeGreaterThan(0));
    controller.abort(new Error('Cancelled'));
    await expect(waiting).rejects.toThrow(/Cancelled/);
  });
});
