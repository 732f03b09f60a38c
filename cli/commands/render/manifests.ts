import type { Evaluation, Resource } from '../../lib/program/resources.ts';
import { generatedPart } from './generated.ts';
import { operatorComment } from './operator.ts';
import { objectYaml } from './yaml.ts';

export interface File {
  readonly name: string;
  readonly text: string;
}

/** The file of each component, and what it says about itself. They are applied in the order of their names. */
const FILES: Readonly<Record<string, readonly [file: string, about: string]>> = {
  namespaces: ['00-namespaces', 'The namespaces.'],
  operator: ['10-operator', "CockroachDB's operator."],
  certificates: ['20-certificates', "The certificates of the nodes and of root, and the authority's."],
  cluster: ['30-cluster', 'The CockroachDB cluster.'],
  services: ['40-services', 'The addresses that applications use.'],
  load: ['60-load', 'The load. After the SQL: see README.md.'],
  app: ['70-app', 'The sample app. After the SQL: see README.md.'],
  prometheus: ['80-prometheus', 'Prometheus.'],
  grafana: ['81-grafana', 'Grafana.'],
  network: ['90-network', 'Who may talk to whom.'],
};

/** Within a file: what others refer to comes first, then by name. Kinds that are not here come last. */
const KINDS = [
  'Namespace',
  'ServiceAccount',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'Secret',
  'ConfigMap',
  'PersistentVolumeClaim',
  'Service',
  'Job',
  'Deployment',
  'StatefulSet',
];

const OPERATOR = 'kubernetes:yaml/v2:ConfigGroup';

/** What the program makes for a stack, as plain YAML files. Throws when a component has no file above. */
export function manifests({ resources }: Evaluation): File[] {
  const files = new Map<string, string[]>();
  for (const resource of resources.filter(isKubernetes).sort(byKindAndName)) {
    const component = resource.path[0] ?? '';
    const [name, about] = FILES[component] ?? [];
    if (name === undefined) throw new Error(`${component} has no file in cli/commands/render/manifests.ts`);
    const parts = files.get(name) ?? [`# ${about}\n# Made by: npm run render\n`];
    files.set(name, [...parts, ...documents(resource)]);
  }
  return [...files]
    .map(([name, parts]) => ({ name: `${name}.yaml`, text: together(parts) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function isKubernetes({ type }: Resource): boolean {
  return type.startsWith('kubernetes:');
}

function byKindAndName(a: Resource, b: Resource): number {
  const rank = ({ inputs }: Resource) => {
    const place = KINDS.indexOf(String(inputs.kind));
    return place === -1 ? KINDS.length : place;
  };
  return rank(a) - rank(b) || (a.name < b.name ? -1 : 1);
}

function documents(resource: Resource): string[] {
  if (resource.type === OPERATOR) return [operatorComment(resource)];
  const generated = generatedPart(resource);
  if (generated === undefined) return [objectYaml(resource)];
  return [generated.comment, ...(generated.rest ? [objectYaml(generated.rest)] : [])];
}

/** Documents stand apart by `---`, comments by an empty line. */
function together(parts: readonly string[]): string {
  return parts
    .map((part, i) => (i === 0 ? part : part.startsWith('# ') ? `\n${part}` : `---\n${part}`))
    .join('');
}
