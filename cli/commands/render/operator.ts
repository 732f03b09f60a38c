import { OPERATOR } from '../../../components/operator/manifests.ts';
import { CHANGED } from '../../../components/operator/objects.ts';
import { isObject, type Resource, type Value } from '../../lib/program/resources.ts';
import type { File } from './manifests.ts';
import { toYaml } from './yaml.ts';

/** The operator, as kustomize gets it. Its manifests are someone else's 150 kB: they are pinned by commit, not copied. */
export function operatorKustomization(group: Resource): File {
  const about = [
    "CockroachDB's operator: its own manifests, as published, but for one number: a CrdbCluster may have 1 node instead of 3 at least.",
    'The addresses name a commit, so that what they lead to does not change. To check it against the checksums of this project:',
    '',
    ...OPERATOR.flatMap(({ url, sha256 }) => [`  curl -fsSL ${url} |`, `    sha256sum - | grep ${sha256}`]),
    '',
    'Made by: npm run render',
  ];
  const nodes = '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/nodes/minimum';
  const changed = `/metadata/annotations/${CHANGED.replace('/', '~1')}`;
  const patches = [
    {
      target: { kind: 'CustomResourceDefinition', name: 'crdbclusters.crdb.cockroachlabs.com' },
      patch: toYaml([
        { op: 'test', path: nodes, value: 3 },
        { op: 'replace', path: nodes, value: 1 },
        { op: 'add', path: changed, value: said(group) },
      ]),
    },
    ...gates(group),
  ];
  const content = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: OPERATOR.map(({ url }) => url),
    patches,
  };
  return {
    name: 'kustomization.yaml',
    text: `${about.map((line) => `# ${line}`.trimEnd()).join('\n')}\n---\n${toYaml(content)}`,
  };
}

/** What the program says of the number in the definition that it applies. */
function said({ inputs }: Resource): string {
  const found = ((inputs.objs ?? []) as Value[]).flatMap((object) => {
    const { annotations } = (isObject(object) ? object.metadata : {}) as {
      annotations?: Record<string, string>;
    };
    return annotations?.[CHANGED] ?? [];
  })[0];
  if (found === undefined)
    throw new Error('The program changes no number in the definition of a CrdbCluster');
  return found;
}

/** Gates of the operator for fields that it ignores otherwise. */
function gates({ inputs }: Resource): object[] {
  const args = ((inputs.objs ?? []) as Value[]).flatMap(managerArgs);
  const at = args.indexOf('-feature-gates');
  if (at === -1) return [];
  const add = (value: Value | undefined) => ({
    op: 'add',
    path: '/spec/template/spec/containers/0/args/-',
    value: String(value),
  });
  return [
    {
      target: { kind: 'Deployment', name: 'cockroach-operator-manager' },
      patch: toYaml([add(args[at]), add(args[at + 1])]),
    },
  ];
}

function managerArgs(object: Value): Value[] {
  if (!isObject(object) || object.kind !== 'Deployment') return [];
  const { template } = object.spec as unknown as { template: { spec: { containers: { args?: Value[] }[] } } };
  return template.spec.containers[0]?.args ?? [];
}
