import { execFileSync } from 'node:child_process';
import { describe, expect, it, vi } from 'vitest';
import { crdbCluster } from './cluster.ts';
import { namespaces } from './namespaces.ts';
import { networkPolicies } from './network.ts';
import { MANIFESTS } from './operator/manifest.testing.ts';
import { operatorObjects } from './operator/objects.ts';
import { awaitWebhook } from './operator/webhook.ts';
import { PLATFORMS } from './platforms.ts';
import { sqlService } from './services.ts';

// A real API server judges the manifests: dry runs only, nothing is made. Only when asked for, since a developer's
// current context may be anything.
const KUBECONFIG = process.env.EVOLUTION_TEST_KUBECONFIG;
if (KUBECONFIG === undefined) {
  console.warn('SKIPPED: no EVOLUTION_TEST_KUBECONFIG, no API server judges the manifests');
}

function kubectl(args: string[], input?: string): string {
  return execFileSync('kubectl', args, {
    encoding: 'utf8',
    env: { ...process.env, KUBECONFIG },
    stdio: 'pipe',
    ...(input === undefined ? {} : { input }),
  });
}

/** The names of the objects that the server accepts, as `kind/name`. Throws what it says when it refuses one. */
function accepted(objects: readonly object[]): string[] {
  const args = ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '--validate=strict'];
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const output = kubectl([...args, '--output=name', '--filename=-'], list);
  return output.trim().split('\n');
}

/** The least that a definition on the server allows for `spec.nodes`; undefined without one. */
function fewestNodes(): number | undefined {
  if (KUBECONFIG === undefined) return undefined;
  const path = '{.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.nodes.minimum}';
  const args = [
    'get',
    'crd',
    'crdbclusters.crdb.cockroachlabs.com',
    '--ignore-not-found',
    `--output=jsonpath=${path}`,
  ];
  const minimum = Number(kubectl(args) || Number.NaN);
  if (Number.isNaN(minimum)) console.warn('SKIPPED: no operator on the API server, no CrdbCluster is judged');
  return Number.isNaN(minimum) ? undefined : minimum;
}

describe.skipIf(KUBECONFIG === undefined)('a real API server accepts', () => {
  it('the namespaces', () => {
    const made = namespaces({ database: 'dry-run-a', app: 'dry-run-b', observability: 'dry-run-c' });
    expect(accepted(Object.values(made))).toHaveLength(3);
  });

  it('the Services', () => {
    expect(accepted([sqlService('writer', 'crdb'), sqlService('reader', 'crdb')])).toEqual([
      'service/crdb-writer',
      'service/crdb-reader',
    ]);
  });

  it.each(['nodelocal://1/backups', 's3://bucket/path?AWS_ENDPOINT=http%3A%2F%2Fminio%3A9000'])(
    'the network policies, with backups to %s',
    (backupDestination) => {
      const names = { database: 'default', app: 'default', observability: 'default' };
      const policies = Object.values(networkPolicies({ ...names, backupDestination })).flat();
      expect(accepted(policies)).toHaveLength(policies.length);
    },
  );

  it.each(MANIFESTS)("the operator's objects: $name", ({ text, objects: count }) => {
    const objects = operatorObjects(text, {
      cockroachVersion: 'v26.2.5',
      gates: ['TolerationRules', 'TopologySpreadRules'],
    });
    // A dry run makes no namespace for the others to be in.
    const placed = objects.map(({ metadata, ...object }) => ({
      ...object,
      metadata: metadata.namespace ? { ...metadata, namespace: 'default' } : metadata,
    }));
    expect(accepted(placed)).toHaveLength(count);
  });
});

describe.skipIf(fewestNodes() !== 1)('the operator on a real API server', () => {
  const platforms = Object.entries(PLATFORMS).flatMap(([platform, choices]) =>
    [1, 2, 3, 4, 5].map((nodes) => ({ platform, nodes, choices })),
  );
  it.each(platforms)('accepts a cluster of $nodes nodes for $platform', ({ nodes, choices }) => {
    const cluster = crdbCluster({
      namespace: 'default',
      cockroachVersion: 'v26.2.5',
      storageSize: '10Gi',
      cpu: '500m',
      cpuLimit: '2',
      memory: '2Gi',
      nodeSelector: { pool: 'database' },
      tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'database', effect: 'NoSchedule' }],
      ...choices,
      nodes,
    });
    expect(accepted([cluster])).toEqual(['crdbcluster.crdb.cockroachlabs.com/crdb']);
  });

  it('answers its webhook, and the wait for it ends', async () => {
    vi.stubEnv('KUBECONFIG', KUBECONFIG);
    const run = { signal: AbortSignal.timeout(30_000), say: () => {} };
    await awaitWebhook({ context: '', namespace: 'default', timeoutSeconds: 20 }, run);
    vi.unstubAllEnvs();
  });
});
