import { execFile } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { writeFolder } from '../cli/commands/render/folder.ts';
import { manifests } from '../cli/commands/render/manifests.ts';
import { evaluateAll } from '../cli/lib/program/evaluate.ts';

const ROOT = join(__dirname, '..');
const K8S = join(ROOT, 'k8s');
const PHASES = ['phase0', 'phase1', 'phase2'];
const run = promisify(execFile);

const scratch = mkdtempSync(join(tmpdir(), 'manifests-test-'));
afterAll(() => rmSync(scratch, { recursive: true }));

interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; annotations?: Record<string, string> };
}

function objects(folder: string): KubernetesObject[] {
  return readdirSync(folder)
    .sort()
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) =>
      parseAllDocuments(readFileSync(join(folder, file), 'utf8'), { version: '1.1' }).flatMap((document) => {
        expect(document.errors, file).toEqual([]);
        return document.contents === null ? [] : [document.toJS() as KubernetesObject];
      }),
    );
}

describe('the rendered manifests', () => {
  const render = (...args: string[]) =>
    run(process.execPath, ['--import', 'tsx', 'cli/main.ts', 'render', ...args], { cwd: ROOT });

  it('in k8s/ are what the program makes', { timeout: 120_000 }, async () => {
    await render('--check');
  });

  it('are found to differ when one is changed, missing or too many', { timeout: 120_000 }, async () => {
    cpSync(join(K8S, 'phase1'), join(scratch, 'phase1'), { recursive: true });
    appendFileSync(join(scratch, 'phase1', '30-cluster.yaml'), '# changed\n');
    rmSync(join(scratch, 'phase1', '40-services.yaml'));
    writeFileSync(join(scratch, 'phase1', '99-more.yaml'), '');
    const failed = await render('--check', '--phase', 'phase1', '--out', scratch).catch((error) => error);
    expect(failed).toMatchObject({ code: 1 });
    const said = String(failed.stderr)
      .split('\n')
      .filter((line) => line.includes(scratch));
    expect(said.map((line) => line.replace(`${join(scratch, 'phase1')}/`, ''))).toEqual([
      '30-cluster.yaml differs',
      '40-services.yaml is missing',
      '99-more.yaml is not made by the program',
    ]);
    // Writing it again puts all of that right.
    await render('--phase', 'phase1', '--out', scratch);
    for (const file of readdirSync(join(K8S, 'phase1')))
      expect(readFileSync(join(scratch, 'phase1', file), 'utf8')).toBe(
        readFileSync(join(K8S, 'phase1', file), 'utf8'),
      );
  });

  it.each(PHASES)('of %s are objects of kubectl, each once, and none of them is a Secret', (phase) => {
    const all = objects(join(K8S, phase));
    expect(all.length).toBeGreaterThan(35);
    const names = all.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
    for (const { apiVersion, kind, metadata } of all) {
      expect(apiVersion).toBeTruthy();
      expect(kind).not.toBe('Secret');
      if (kind !== 'Namespace') expect(['crdb', 'sample-app', 'observability']).toContain(metadata.namespace);
      for (const key of Object.keys(metadata.annotations ?? {})) expect(key).not.toContain('pulumi');
    }
    const first = all.findIndex(({ kind }) => kind !== 'Namespace');
    expect(all.slice(first).filter(({ kind }) => kind === 'Namespace')).toEqual([]);
  });

  it.each(PHASES)('of %s hold no generated value, and name each Secret that their pods mount', (phase) => {
    const files = readdirSync(join(K8S, phase)).map((file) => readFileSync(join(K8S, phase, file), 'utf8'));
    const text = files.join('\n');
    expect(text).not.toMatch(/-----BEGIN|mock-secret/);
    const mounted = [...text.matchAll(/^\s+secretName: (\S+)$/gm)].map((match) => match[1] ?? '');
    expect(mounted.length).toBeGreaterThan(2);
    for (const secret of mounted)
      expect(text).toContain(`# kubectl create secret generic ${secret} `.replace('# ', ''));
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
    for (const evaluation of evaluations)
      writeFolder(join(scratch, 'server', evaluation.stack), manifests(evaluation));
    // A dry run makes no namespace, and without one it refuses what is in it.
    await kubectl('apply', '--server-side', '-f', join(scratch, 'server', 'phase0', '00-namespaces.yaml'));
  }, 180_000);
  afterAll(async () => {
    await kubectl('delete', 'namespace', '--wait=false', '--ignore-not-found', ...Object.values(namespaces));
  });

  it.each(PHASES)('takes all of %s in a server-side dry run', async (phase) => {
    const folder = join(scratch, 'server', phase);
    const { stdout } = await kubectl('apply', '--server-side', '--dry-run=server', '-R', '-f', folder);
    const applied = stdout
      .split('\n')
      .filter((line) => line.endsWith(' serverside-applied (server dry run)'));
    expect(applied.length).toBe(objects(folder).length);
  });
});
