import { PLAN_FILES } from '../../../jobs/names.ts';
import { generatedNames } from '../../../jobs/plan.ts';
import type { Evaluation, Resource } from '../../lib/program/resources.ts';
import { adapted } from './adapt.ts';
import { isGenerated, namesIn, template } from './placeholders.ts';
import { recipes } from './recipes.ts';
import { objectYaml, toYaml } from './yaml.ts';

export interface File {
  readonly name: string;
  readonly text: string;
}

/** The file of each component, and what it says about itself. */
const FILES: Readonly<Record<string, readonly [file: string, about: string]>> = {
  namespaces: ['00-namespaces', 'The namespaces.'],
  services: ['40-services', 'The addresses that applications use.'],
  load: ['60-load', 'The load. It waits for the SQL of phase 0.'],
  app: ['70-app', 'The sample app. It waits for the Secrets that the Job of phase 0 makes.'],
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

/** What is made by a phase's Job, in its order, and so is applied by nobody else. */
export const STEP = { cluster: 'cluster-crdb', credentials: 'app-database' } as const;

const OPERATOR = 'kubernetes:yaml/v2:ConfigGroup';

/** The operator's objects as the program makes them; undefined when it installs none. */
export function operatorGroup({ resources }: Evaluation): Resource | undefined {
  return resources.find(({ type }) => type === OPERATOR);
}

/** What the program makes for a stack and plain YAML can hold, as files. Throws when a component has no file above. */
export function manifests({ resources }: Evaluation): File[] {
  const files = new Map<string, string[]>();
  for (const resource of resources.filter(isPlain).sort(byKindAndName)) {
    const component = resource.path[0] ?? '';
    const [name, about] = FILES[component] ?? [];
    if (name === undefined) throw new Error(`${component} has no file in cli/commands/render/manifests.ts`);
    const parts = files.get(name) ?? [heading(about ?? '')];
    files.set(name, [...parts, objectYaml(adapted(resource))]);
  }
  return [...files]
    .map(([name, parts]) => ({ name: `${name}.yaml`, text: parts.join('---\n') }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What the Job makes once, with `<name>` for what is generated. */
export function generatedObjects(evaluation: Evaluation): Resource[] {
  return templates(evaluation).generated;
}

/** Objects with generated values, for the Job; and Secrets with encrypted settings, which nobody can generate. */
function templates(evaluation: Evaluation) {
  const made = new Set(generatedNames(recipes(evaluation)));
  const holdsSetting = ({ inputs }: Resource) =>
    inputs.kind === 'Secret' && namesIn(JSON.stringify(inputs.stringData)).some((name) => !made.has(name));
  const all = evaluation.resources
    .filter((resource) => isGenerated(resource) && resource.name !== STEP.credentials)
    .sort(byKindAndName)
    .map((resource) => adapted(template(resource)));
  return {
    generated: all.filter((resource) => !holdsSetting(resource)),
    own: all.filter(holdsSetting),
  };
}

/** How to make a Secret that holds settings. */
function byHand({ inputs }: Resource): string {
  const { name, namespace } = inputs.metadata as { name: string; namespace: string };
  const files = Object.keys(inputs.stringData ?? {}).map((key) => ` --from-file=${key}=<file>`);
  const type = typeof inputs.type === 'string' ? ` --type=${inputs.type}` : '';
  return `kubectl -n ${namespace} create secret generic ${name}${type}${files.join('')}`;
}

/** The same as a file, and how what is generated is made. The passwords of users are in the plan of their phase. */
export function generatedFiles(evaluation: Evaluation, users: readonly string[]): File[] {
  const { generated, own } = templates(evaluation);
  const objects = generated.map(objectYaml);
  const { passwords, certificates } = recipes(evaluation);
  const about = [
    'What the Job of phase 0 makes when it is missing, and leaves alone when it is there. For each <name> it generates a value,',
    'as recipes.yaml says, or takes the one that is in use already.',
    ...(own.length > 0
      ? ['What holds a setting of yours, you make:', ...own.map((secret) => `  ${byHand(secret)}`)]
      : []),
  ];
  return [
    { name: PLAN_FILES.objects, text: [heading(...about), ...objects].join('---\n') },
    {
      name: PLAN_FILES.recipes,
      text: `${heading('How the values are made that stand as <name> in other files.')}---\n${toYaml({
        passwords: passwords.filter(({ name }) => !users.includes(name)),
        certificates,
      })}`,
    },
  ];
}

/** The CrdbCluster, and the Secret with the app's addresses: what a step changes. */
export function stepFiles({ resources }: Evaluation): File[] {
  const find = (wanted: string) => {
    const found = resources.find(({ name }) => name === wanted);
    if (found === undefined) throw new Error(`The program makes no ${wanted}`);
    return adapted(found);
  };
  const credentials = template(find(STEP.credentials));
  return [
    {
      name: PLAN_FILES.cluster,
      text: `${heading('The CockroachDB cluster. The Job applies it, after the backup.')}---\n${objectYaml(find(STEP.cluster))}`,
    },
    {
      name: PLAN_FILES.credentials,
      text: `${heading("The app's addresses. The Job writes them when their users can log in. The app reads them again, and nothing restarts.")}---\n${objectYaml(credentials)}`,
    },
  ];
}

/** How each file begins. */
export function heading(...about: string[]): string {
  return [...about, 'Made by: npm run render'].map((line) => `# ${line}\n`).join('');
}

function isPlain(resource: Resource): boolean {
  return (
    resource.type.startsWith('kubernetes:') &&
    resource.type !== OPERATOR &&
    resource.name !== STEP.cluster &&
    !isGenerated(resource)
  );
}

function byKindAndName(a: Resource, b: Resource): number {
  const rank = ({ inputs }: Resource) => {
    const place = KINDS.indexOf(String(inputs.kind));
    return place === -1 ? KINDS.length : place;
  };
  return rank(a) - rank(b) || (a.name < b.name ? -1 : 1);
}
