import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFolder } from '../../cli/commands/render/folder.ts';
import { inOrder, tree } from '../../cli/commands/render/tree.ts';
import { evaluateAll } from '../../cli/lib/program/evaluate.ts';
import { CLUSTER } from '../../components/names.ts';
import { jobName } from '../../jobs/names.ts';
import { runCli } from '../engine/cli.ts';
import { EngineProject, KUBECONFIG } from '../engine/project.ts';
import { givenSettings, hasOperator, kubectl, MISSING, ownNamespaces } from '../support/test-cluster.ts';

if (MISSING.length > 0)
  console.warn(`SKIPPED: tests/cluster/apply-refused.test.ts needs ${MISSING.join(' and ')}.`);

const MINUTES = 60_000;

describe.skipIf(MISSING.length > 0)('kubectl apply -k on a cluster that a stack owns', () => {
  const namespaces = ownNamespaces('owned');
  const { databaseNamespace: namespace } = namespaces;
  const settings = {
    ...givenSettings(),
    ...namespaces,
    loadEnabled: 'false',
    prometheusEnabled: 'false',
    grafanaEnabled: 'false',
  };
  const k8s = mkdtempSync(join(tmpdir(), 'apply-refused-'));
  let project: EngineProject;

  const state = () => {
    const cluster = JSON.parse(
      kubectl('get', 'crdbcluster', CLUSTER, '-n', namespace, '-o', 'json', '--show-managed-fields'),
    );
    const versions = (kind: string, place: string) =>
      kubectl('get', kind, '-n', place, '-o', 'jsonpath={.items[*].metadata.resourceVersion}');
    return {
      spec: cluster.spec,
      managers: cluster.metadata.managedFields.map(({ manager }: { manager: string }) => manager),
      secrets: versions('secrets', namespace) + versions('secrets', namespaces.appNamespace),
      app: kubectl(
        'get',
        'deployments',
        '-n',
        namespaces.appNamespace,
        '-o',
        'jsonpath={.items[*].metadata.generation}',
      ),
    };
  };

  beforeAll(async () => {
    project = new EngineProject({ ...settings, ...(hasOperator() ? { operatorInstall: 'false' } : {}) });
    await project.init('phase0');
    const up = await runCli(project, ['evolve', 'phase0', '--yes']);
    expect(up.code, up.output).toBe(0);
    const phases = ['phase0', 'phase1'];
    const evaluations = await evaluateAll(phases.map((stack) => ({ stack, override: settings })));
    for (const { name, files } of tree(inOrder(evaluations), { version: '0.1.0', phases }))
      writeFolder(join(k8s, name), files);
  }, 15 * MINUTES);

  afterAll(() => {
    kubectl('delete', 'namespace', '--ignore-not-found', '--wait=false', ...Object.values(namespaces));
    rmSync(k8s, { recursive: true });
    project?.remove();
  });

  it(
    'is refused object by object by the API server, and by the Job, before anything of the stack is changed',
    async () => {
      const before = state();
      const { status, stderr } = spawnSync('kubectl', ['apply', '--server-side', '-k', join(k8s, 'phase1')], {
        encoding: 'utf8',
        env: { ...process.env, KUBECONFIG },
      });
      expect(status).not.toBe(0);
      expect(stderr).toMatch(/conflict with "pulumi-kubernetes[^"]*".*managed-by/);
      const pods = [
        'get',
        'pods',
        '-n',
        namespace,
        '-l',
        `batch.kubernetes.io/job-name=${jobName('phase1')}`,
      ];
      const path = 'jsonpath={.items[*].status.containerStatuses[*].state.terminated.message}';
      await expect
        .poll(() => kubectl(...pods, '-o', path), { timeout: 2 * MINUTES, interval: 1000 })
        .toContain('Refused, and nothing was changed: the CrdbCluster belongs to a Pulumi stack');
      expect(state()).toEqual(before);
      const { code, output } = await project.pulumi(
        'up',
        '--yes',
        '--skip-preview',
        '--expect-no-changes',
        '--stack',
        'phase0',
      );
      expect(code, output).toBe(0);
    },
    5 * MINUTES,
  );
});
