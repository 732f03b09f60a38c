import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { ADAPTED } from '../cli/commands/render/adapt.ts';
import { evaluateAll } from '../cli/lib/program/evaluate.ts';
import { type Evaluation, isObject, type Value } from '../cli/lib/program/resources.ts';
import { operatorObjects } from '../components/operator/objects.ts';
import { withLocalFiles } from './support/operator-folder.ts';
import { ROOT } from './support/repository.ts';

// What `kubectl apply -k` sends, against what the program makes.
const PHASES = ['phase0', 'phase1', 'phase2'] as const;

interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly annotations?: object };
  readonly [field: string]: unknown;
}

const hasKubectl = (() => {
  try {
    execFileSync('kubectl', ['kustomize', join(ROOT, 'k8s/phase0')], { stdio: 'pipe' });
    return true;
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error;
    console.warn('SKIPPED: tests/kustomize.test.ts needs kubectl, to build the overlays of k8s/.');
    return false;
  }
})();

const build = (folder: string) =>
  objectsIn(
    execFileSync('kubectl', ['kustomize', folder], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      stdio: 'pipe',
    }),
  );
const objectsIn = (text: string): KubernetesObject[] =>
  parseAllDocuments(text, { version: '1.1' }).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as KubernetesObject;
  });
const keyOf = ({ kind, metadata }: KubernetesObject) =>
  `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;

/**
 * What one way has and the other has not. `generated`: with values that no file can hold, so that the Job makes them; `step`: what the
 * Job applies in the order of the step; `job`: the Job itself.
 */
const NOT_APPLIED: Readonly<Record<string, 'generated' | 'step'>> = {
  'Secret crdb/crdb-loadgen-tls': 'generated',
  'Secret crdb/crdb-node-tls': 'generated',
  'Secret crdb/crdb-root-tls': 'generated',
  'Secret sample-app/sample-app-control': 'generated',
  'Secret sample-app/sample-app-database': 'step',
  'Secret observability/grafana-admin': 'generated',
  'ConfigMap sample-app/sample-app-ca': 'generated',
  'ConfigMap observability/prometheus-config': 'generated',
  'CrdbCluster crdb/crdb': 'step',
};
const OF_THE_JOB = (phase: string) => [
  'ConfigMap crdb/evolution-shared',
  `ConfigMap crdb/evolution-${phase}`,
  `Job crdb/evolution-${phase}`,
  'NetworkPolicy crdb/evolution',
  'NetworkPolicy crdb/evolution-database',
  'ServiceAccount crdb/evolution',
  ...['crdb', 'sample-app', 'observability'].flatMap((namespace) => [
    `Role ${namespace}/evolution`,
    `RoleBinding ${namespace}/evolution`,
  ]),
];

/** Which difference of `ADAPTED` a value's difference is; undefined for one that is none of them. */
function named(
  object: KubernetesObject,
  path: string,
  before: unknown,
  after: unknown,
): keyof typeof ADAPTED | undefined {
  if (path.endsWith('.labels.app.kubernetes.io/managed-by') && before === 'pulumi' && after === 'kustomize')
    return 'manager';
  if (path === '.metadata.annotations.argocd.argoproj.io/sync-wave' && before === undefined && after === '2')
    return 'waves';
  if (
    keyOf(object) === 'Job crdb/crdb-loadgen-init' &&
    path === '.spec.template.spec.initContainers' &&
    before === undefined
  )
    return 'load';
  return undefined;
}

/** Each value that differs, by its path. Annotations for Pulumi mean nothing to kubectl. */
function differences(
  before: unknown,
  after: unknown,
  path = '',
): [path: string, before: unknown, after: unknown][] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const tables = isObject(before as Value) && (isObject(after as Value) || path.endsWith('.annotations'));
  const bare = after === undefined && path.endsWith('.annotations');
  const nothing = before === undefined && path.endsWith('.annotations');
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length)
    return before.flatMap((item, i) => differences(item, after[i], `${path}[${i}]`));
  if (!tables && !nothing) return [[path, before, after]];
  const [a, b] = [(before ?? {}) as Record<string, unknown>, (bare ? {} : after) as Record<string, unknown>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((key) => !key.startsWith('pulumi.com/'))
    .flatMap((key) => differences(a[key], b[key], `${path}.${key}`));
}

describe.skipIf(!hasKubectl)('what kubectl builds of k8s/', () => {
  let evaluations: readonly Evaluation[];
  beforeAll(async () => {
    evaluations = await evaluateAll(PHASES.map((stack) => ({ stack })));
  }, 120_000);

  const program = (phase: string) =>
    new Map(
      (evaluations.find(({ stack }) => stack === phase)?.resources ?? [])
        .filter(({ type }) => type.startsWith('kubernetes:') && type !== 'kubernetes:yaml/v2:ConfigGroup')
        .map(({ inputs }) => [
          keyOf(inputs as unknown as KubernetesObject),
          inputs as unknown as KubernetesObject,
        ]),
    );

  it.each(PHASES)('for %s is what the program makes, object for object, but for what is named', (phase) => {
    const made = program(phase);
    const applied = new Map(build(join(ROOT, 'k8s', phase)).map((object) => [keyOf(object), object]));
    const missing = [...made.keys()].filter((key) => !applied.has(key));
    expect(missing.sort()).toEqual(Object.keys(NOT_APPLIED).sort());
    const more = [...applied.keys()].filter((key) => !made.has(key));
    expect(more.sort()).toEqual(OF_THE_JOB(phase).sort());
    const seen = new Set<string>();
    const unnamed = [...applied].flatMap(([key, object]) => {
      const own = made.get(key);
      return own === undefined
        ? []
        : differences(own, object).flatMap(([path, before, after]) => {
            const name = named(object, path, before, after);
            if (name !== undefined) seen.add(name);
            return name === undefined
              ? [`${key}${path}: ${JSON.stringify(before)} => ${JSON.stringify(after)}`]
              : [];
          });
    });
    expect(unnamed).toEqual([]);
    expect([...seen].sort()).toEqual(Object.keys(ADAPTED).sort());
    expect(applied.size).toBeGreaterThan(40);
  });

  it.each(PHASES)(
    'for %s has the plan whole: the CrdbCluster, the objects and each file of SQL as in sql/',
    (phase) => {
      const maps = build(join(ROOT, 'k8s', phase)).filter(({ metadata }) =>
        metadata.name.startsWith('evolution-'),
      );
      const data = Object.assign({}, ...maps.map(({ data }) => data)) as Record<string, string>;
      const made = program(phase);
      const same = (text: string) =>
        objectsIn(text).map((object) => {
          const own = made.get(keyOf(object));
          if (own === undefined) throw new Error(`the program makes no ${keyOf(object)}`);
          const inside = /^\.(stringData|data)\b/;
          const other = differences(own, object).filter(([path]) => !inside.test(path));
          expect(
            other.every(([path, a, b]) => named(object, path, a, b) === 'manager'),
            keyOf(object),
          ).toBe(true);
          return keyOf(object);
        });
      expect([...same(data['cluster.yaml'] ?? ''), ...same(data['credentials.yaml'] ?? '')]).toEqual(
        Object.keys(NOT_APPLIED)
          .filter((key) => NOT_APPLIED[key] === 'step')
          .reverse(),
      );
      expect(same(data['objects.yaml'] ?? '').sort()).toEqual(
        Object.keys(NOT_APPLIED)
          .filter((key) => NOT_APPLIED[key] === 'generated')
          .sort(),
      );
      const sql = Object.keys(data).filter((name) => name.endsWith('.sql'));
      expect(sql.length).toBeGreaterThan(1);
      for (const name of sql) expect(data[name]).toBe(readFileSync(join(ROOT, 'sql', name), 'utf8'));
    },
  );

  it('holds no Secret, and nothing outside of the three namespaces', () => {
    for (const phase of PHASES)
      for (const { kind, metadata } of build(join(ROOT, 'k8s', phase))) {
        expect(kind).not.toBe('Secret');
        if (kind !== 'Namespace')
          expect(['crdb', 'sample-app', 'observability']).toContain(metadata.namespace);
      }
  });

  const OPERATOR = process.env.OPERATOR_MANIFESTS;
  if (OPERATOR === undefined)
    console.warn("SKIPPED: no OPERATOR_MANIFESTS, the operator's kustomization is not built.");
  it.skipIf(OPERATOR === undefined)(
    'for the operator is what the program makes of the published manifests',
    () => {
      const scratch = mkdtempSync(join(tmpdir(), 'kustomize-test-'));
      afterAll(() => rmSync(scratch, { recursive: true }));
      cpSync(join(ROOT, 'k8s/operator'), join(scratch, 'operator'), { recursive: true });
      withLocalFiles(join(scratch, 'operator'), OPERATOR ?? '');
      const published = ['crds.yaml', 'operator.yaml'].map((file) =>
        readFileSync(join(OPERATOR ?? '', file), 'utf8'),
      );
      const wanted = operatorObjects(published.join('\n---\n'), { cockroachVersion: 'v26.2.5', gates: [] });
      const sorted = (objects: readonly object[]) =>
        objects
          .map((object) => JSON.parse(JSON.stringify(object)) as KubernetesObject)
          .map(({ metadata, ...rest }) => ({
            ...rest,
            metadata: { ...metadata, creationTimestamp: undefined },
          }))
          .sort((a, b) => (keyOf(a as never) < keyOf(b as never) ? -1 : 1));
      expect(sorted(build(join(scratch, 'operator')))).toEqual(sorted(wanted));
    },
  );
});
