import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFolder } from '../cli/commands/render/folder.ts';
import { inOrder, tree } from '../cli/commands/render/tree.ts';
import { evaluateAll } from '../cli/lib/program/evaluate.ts';

const ROOT = join(__dirname, '..');
const K8S = join(ROOT, 'k8s');
const PHASES = ['phase0', 'phase1', 'phase2'];
const run = promisify(execFile);

const scratch = mkdtempSync(join(tmpdir(), 'manifests-test-'));
afterAll(() => rmSync(scratch, { recursive: true }));

describe('the rendered manifests', () => {
  const render = (...args: string[]) =>
    run(process.execPath, ['--import', 'tsx', 'cli/main.ts', 'render', ...args], { cwd: ROOT });

  it('in k8s/ are what the program makes', { timeout: 120_000 }, async () => {
    await render('--check');
  });

  it('are found to differ when one is changed, missing or too many', { timeout: 120_000 }, async () => {
    const own = join(scratch, 'own');
    const stack = ['--phase', 'phase1', '--out', own];
    await render(...stack);
    await render('--check', ...stack);
    appendFileSync(join(own, 'phase1', 'cluster.yaml'), '# changed\n');
    rmSync(join(own, 'base', '40-services.yaml'));
    writeFileSync(join(own, 'phase1', '99-more.sql'), '');
    const failed = await render('--check', ...stack).catch((error) => error);
    expect(failed).toMatchObject({ code: 1 });
    const said = String(failed.stderr)
      .split('\n')
      .filter((line) => line.includes(own));
    expect(said.map((line) => line.replace(`${own}/`, ''))).toEqual([
      'base/40-services.yaml is missing',
      'phase1/cluster.yaml differs',
      'phase1/99-more.sql is not made by the program',
    ]);
    // Writing it again puts all of that right; and a phase by itself knows the one before it.
    await render(...stack);
    for (const file of readdirSync(join(K8S, 'phase1')))
      expect(readFileSync(join(own, 'phase1', file), 'utf8')).toBe(
        readFileSync(join(K8S, 'phase1', file), 'utf8'),
      );
  });

  it('hold no generated value, and templates of each Secret that a pod mounts', () => {
    const files = ['base', ...PHASES].flatMap((folder) =>
      readdirSync(join(K8S, folder)).map((file) => readFileSync(join(K8S, folder, file), 'utf8')),
    );
    const text = files.join('\n');
    expect(text).not.toMatch(/-----BEGIN|mock-secret/);
    const mounted = [...text.matchAll(/^\s+secretName: (\S+)$/gm)].map((match) => match[1] ?? '');
    expect(mounted.length).toBeGreaterThan(2);
    const made = readFileSync(join(K8S, 'base', 'objects.yaml'), 'utf8');
    const changed = readFileSync(join(K8S, 'phase0', 'credentials.yaml'), 'utf8');
    for (const secret of mounted.filter((name) => name !== 'evolution-settings'))
      expect(made + changed).toContain(`kind: Secret\nmetadata:\n  name: ${secret}\n`);
  });

  it('differ between phases in the step alone, which is small', () => {
    const files = (phase: string) => readdirSync(join(K8S, phase)).filter((file) => !file.endsWith('.sql'));
    for (const [before, after] of [
      ['phase0', 'phase1'],
      ['phase1', 'phase2'],
    ] as const) {
      expect(files(after)).toEqual(files(before));
      const lines = (phase: string) =>
        files(phase).flatMap((file) => readFileSync(join(K8S, phase, file), 'utf8').split('\n'));
      const there = new Set(lines(before));
      expect(lines(after).filter((line) => !there.has(line)).length).toBeLessThan(30);
    }
  });

  it('of stacks that differ in more than the step have that in the folder of each, and not in the base', async () => {
    const settings = { appReplicas: 2, loadRate: 5 };
    const two = await evaluateAll([{ stack: 'phase0' }, { stack: 'phase1', override: settings }]);
    const folders = tree(inOrder(two), { version: '1', phases: PHASES });
    const names = (folder: string) =>
      folders.find(({ name }) => name === folder)?.files.map(({ name }) => name) ?? [];
    for (const phase of ['phase0', 'phase1'])
      expect(names(phase).filter((name) => /^\d+-.*yaml/.test(name))).toEqual([
        '60-load.yaml',
        '70-app.yaml',
      ]);
    expect(names('base')).toContain('80-prometheus.yaml');
    expect(names('base')).not.toContain('70-app.yaml');
  });
});

// A real API server with the operator's definition of a CrdbCluster. It gets three namespaces of the test's own, and dry runs.
const KUBECONFIG = process.env.EVOLUTION_TEST_KUBECONFIG;
if (KUBECONFIG === undefined)
  console.warn('SKIPPED: no EVOLUTION_TEST_KUBECONFIG, no API server judges the rendered manifests');

describe.skipIf(KUBECONFIG === undefined)('a real API server', { timeout: 180_000 }, () => {
  const namespaces = {
    database: 'manifests-test-db',
    app: 'manifests-test-app',
    observability: 'manifests-test-obs',
  };
  const kubectl = (...args: string[]) => run('kubectl', args, { env: { ...process.env, KUBECONFIG } });

  beforeAll(async () => {
    const override = {
      databaseNamespace: namespaces.database,
      appNamespace: namespaces.app,
      observabilityNamespace: namespaces.observability,
    };
    const evaluations = await evaluateAll(PHASES.map((stack) => ({ stack, override })));
    for (const { name, files } of tree(inOrder(evaluations), { version: '1', phases: PHASES }))
      writeFolder(join(scratch, 'server', name), files);
    // A dry run makes no namespace, and without one it refuses what is in it.
    await kubectl('apply', '--server-side', '-f', join(scratch, 'server', 'base', '00-namespaces.yaml'));
  }, 180_000);
  afterAll(async () => {
    await kubectl('delete', 'namespace', '--wait=false', '--ignore-not-found', ...Object.values(namespaces));
  });

  it.each(PHASES)('takes all of %s in a server-side dry run', async (phase) => {
    const folder = join(scratch, 'server', phase);
    const { stdout } = await kubectl('apply', '--server-side', '--dry-run=server', '-k', folder);
    const applied = stdout
      .split('\n')
      .filter((line) => line.endsWith(' serverside-applied (server dry run)'));
    expect(applied.length).toBe(
      (await run('kubectl', ['kustomize', folder])).stdout.match(/^kind:/gm)?.length,
    );
    const cluster = join(folder, 'cluster.yaml');
    await kubectl('apply', '--server-side', '--dry-run=server', '-f', cluster);
  });
});
