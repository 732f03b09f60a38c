import { OPERATOR } from '../../../components/operator/manifests.ts';
import { isObject, type Resource, type Value } from '../../lib/program/resources.ts';

/** How to install the operator by hand. Its manifests are someone else's 150 kB: they are pinned, not copied. */
export function operatorComment(group: Resource): string {
  const lines = [
    "The operator's own manifests, as published, but for one number: a CrdbCluster may have 1 node instead of 3 at least.",
    'The definition is changed before it is applied, since a field has one owner in a server-side apply.',
    '',
    ...OPERATOR.flatMap(({ url, sha256 }) => {
      const file = url.slice(url.lastIndexOf('/') + 1);
      return [`  curl -fsSLO ${url}`, `  echo '${sha256}  ${file}' | sha256sum -c -`];
    }),
    "  sed -i.published 's/minimum: 3$/minimum: 1/' crds.yaml",
    '  kubectl apply --server-side -f crds.yaml -f operator.yaml',
    ...gates(group),
    '  kubectl -n cockroach-operator-system rollout status deployment/cockroach-operator-manager',
    '',
    'The webhook answers a little later than that. When the next step says "failed calling webhook", repeat it.',
  ];
  return `${lines.map((line) => `# ${line}`.trimEnd()).join('\n')}\n`;
}

/** Fields that the operator ignores unless it is told not to. */
function gates({ inputs }: Resource): string[] {
  const args = ((inputs.objs ?? []) as Value[]).flatMap(managerArgs);
  const at = args.indexOf('-feature-gates');
  if (at === -1) return [];
  const patch = ['-feature-gates', String(args[at + 1])].map((value) => ({
    op: 'add',
    path: '/spec/template/spec/containers/0/args/-',
    value,
  }));
  return [
    '  kubectl -n cockroach-operator-system patch deployment cockroach-operator-manager --type json \\',
    `    -p '${JSON.stringify(patch)}'`,
  ];
}

function managerArgs(object: Value): Value[] {
  if (!isObject(object) || object.kind !== 'Deployment') return [];
  const { template } = object.spec as unknown as { template: { spec: { containers: { args?: Value[] }[] } } };
  return template.spec.containers[0]?.args ?? [];
}
