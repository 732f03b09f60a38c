import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../components/database/connection.ts';
import { connectKubernetes } from '../../components/database/kubernetes.ts';
import { CLUSTER } from '../../components/names.ts';
import { nodesLive } from '../../components/steps/nodes-live.ts';
import { runCli } from '../engine/cli.ts';
import { EngineProject, KUBECONFIG } from '../engine/project.ts';
import { throughProxy } from '../support/api-server-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { givenSettings, hasOperator, kubectl, MISSING, ownNamespaces } from '../support/test-cluster.ts';

if (MISSING.length > 0) console.warn(`SKIPPED: tests/cluster/cuts.test.ts needs ${MISSING.join(' and ')}.`);

const MINUTES = 60_000;

describe.skipIf(MISSING.length > 0)('a statement and a wait, over a port-forward that breaks', () => {
  const namespaces = ownNamespaces('cuts');
  const address = { context: '', namespace: namespaces.databaseNamespace };
  const folder = mkdtempSync(join(tmpdir(), 'cuts-'));
  const said: string[] = [];
  const run = { signal: new AbortController().signal, say: (line: string) => void said.push(line) };
  const before = process.env.KUBECONFIG;
  let project: EngineProject;
  let proxy: FaultProxy;
  let version: string;

  const withDatabase = async <T>(use: (database: ReturnType<typeof openDatabase>) => Promise<T>) => {
    const database = openDatabase(connectKubernetes(address, run.signal), run);
    try {
      return await use(database);
    } finally {
      database.close();
    }
  };
  /** A statement that takes a while, and what happens in the middle of it. */
  const duringStatement = (seconds: number, happens: () => Promise<void>) =>
    withDatabase(async (database) => {
      await database.query({ text: 'SELECT 1' });
      const slow = database.query({ text: `SELECT pg_sleep(${seconds})::STRING, 7 AS answer` });
      await delay(500);
      await happens();
      return slow;
    });

  beforeAll(async () => {
    project = new EngineProject({
      loadEnabled: 'false',
      ...givenSettings(),
      ...namespaces,
      prometheusEnabled: 'false',
      grafanaEnabled: 'false',
      ...(hasOperator() ? { operatorInstall: 'false' } : {}),
    });
    await project.init('phase0');
    const up = await runCli(project, ['evolve', 'phase0', '--yes']);
    expect(up.code, up.output).toBe(0);
    const asked = '-o=jsonpath={.spec.cockroachDBVersion}';
    version = kubectl('get', 'crdbcluster', CLUSTER, '-n', address.namespace, asked);
    const way = await throughProxy(KUBECONFIG ?? '');
    proxy = way.proxy;
    const file = join(folder, 'kubeconfig');
    writeFileSync(file, way.kubeconfig, { mode: 0o600 });
    process.env.KUBECONFIG = file;
  }, 15 * MINUTES);

  afterAll(() => {
    if (before === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = before;
    void proxy?.close();
    rmSync(folder, { recursive: true });
    kubectl('delete', 'namespace', '--ignore-not-found', '--wait=false', ...Object.values(namespaces));
    project?.remove();
  });

  it(
    'the API server goes away in the middle of a statement, and comes back: the statement has its answer',
    async () => {
      const rows = await duringStatement(2, async () => {
        await proxy.set({ kind: 'reset' });
        await delay(4000);
        await proxy.set({ kind: 'none' });
      });
      expect(rows).toMatchObject([{ answer: expect.anything() }]);
    },
    3 * MINUTES,
  );

  it(
    'the API server goes away in the middle of a wait: the wait goes on, and says what it saw',
    async () => {
      await proxy.set({ kind: 'reset' });
      setTimeout(() => void proxy.set({ kind: 'none' }), 8000);
      said.length = 0;
      const done = await withDatabase((database) =>
        nodesLive(
          { address, nodes: 1, version, storageSize: '640Mi' },
          database,
          connectKubernetes(address, run.signal),
          run,
        ),
      );
      expect(done).toBe(true);
      expect(said[0]).toMatch(/^Waiting for 1 live node, \d+ s: The Kubernetes cluster .* cannot be reached/);
      expect(said.at(-1)).toBe('1 live node.');
    },
    3 * MINUTES,
  );

  it(
    'the pod is killed in the middle of a statement: it is sent again, and has its answer',
    async () => {
      const rows = await duringStatement(8, async () => {
        kubectl('delete', 'pod', '-n', address.namespace, `${CLUSTER}-0`, '--grace-period=1', '--wait=false');
      });
      expect(rows).toMatchObject([{ answer: expect.anything() }]);
    },
    5 * MINUTES,
  );

  it(
    'the pod is killed at once in the middle of a wait: it ends when the pod is back',
    async () => {
      kubectl('delete', 'pod', '-n', address.namespace, `${CLUSTER}-0`, '--grace-period=1', '--wait=false');
      said.length = 0;
      const done = await withDatabase((database) =>
        nodesLive(
          { address, nodes: 1, version, storageSize: '640Mi' },
          database,
          connectKubernetes(address, run.signal),
          run,
        ),
      );
      expect(done).toBe(true);
      expect(said.join('\n')).toMatch(/Waiting for 1 live node/);
    },
    5 * MINUTES,
  );
});
