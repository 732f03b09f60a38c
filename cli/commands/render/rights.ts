import { CLUSTER, ROOT_SECRET } from '../../../components/names.ts';
import { CA_SECRET, EVOLUTION, jobName } from '../../../jobs/names.ts';
import type { Resource } from '../../lib/program/resources.ts';
import { jobLabels } from './job.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** A server-side apply of an object that is not there asks for `create` too, with the object's name, so that names limit it as well. */
const WRITE = ['create', 'get', 'patch'];

/**
 * What the Job may do: a Role a namespace. All that it reads and writes by name, it may read and write by that name only. Lists and
 * events have no names to limit them by.
 */
export function rights(
  namespace: string,
  objects: readonly Pick<Resource, 'inputs'>[],
  phases: readonly string[],
): object[] {
  const named = objects.map(({ inputs }) => {
    const { name, namespace: place } = inputs.metadata as { name: string; namespace: string };
    return { kind: String(inputs.kind), name, namespace: place };
  });
  const own = [
    ...named,
    { kind: 'Secret', name: CA_SECRET, namespace },
    { kind: 'Secret', name: ROOT_SECRET, namespace },
  ];
  const namespaces = [...new Set([namespace, ...own.map((object) => object.namespace)])].sort();
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: EVOLUTION, namespace, labels: jobLabels() },
      automountServiceAccountToken: false,
    },
    ...namespaces.flatMap((place) => {
      const names = (kind: string) => [
        ...new Set(own.filter((o) => o.kind === kind && o.namespace === place).map(({ name }) => name)),
      ];
      const rules: Rule[] = [
        rule('', 'secrets', names('Secret'), WRITE),
        rule('', 'configmaps', names('ConfigMap'), WRITE),
        ...(place === namespace ? databaseRules(phases) : []),
      ].filter(({ resourceNames }) => resourceNames === undefined || resourceNames.length > 0);
      return role(place, namespace, rules);
    }),
  ];
}

function databaseRules(phases: readonly string[]): Rule[] {
  return [
    rule('crdb.cockroachlabs.com', 'crdbclusters', [CLUSTER], WRITE),
    rule('apps', 'statefulsets', [CLUSTER], ['get']),
    // The finished Jobs of other phases, so that an older overlay runs, and is refused, instead of being found unchanged.
    rule('batch', 'jobs', phases.map(jobName), ['get', 'delete']),
    rule('', ['pods', 'persistentvolumeclaims'], undefined, ['list']),
    rule('', 'events', undefined, ['list', 'create']),
  ];
}

function rule(
  group: string,
  resources: string | readonly string[],
  resourceNames: readonly string[] | undefined,
  verbs: readonly string[],
): Rule {
  return {
    apiGroups: [group],
    resources: [resources].flat(),
    ...(resourceNames === undefined ? {} : { resourceNames }),
    verbs,
  };
}

function role(place: string, namespace: string, rules: readonly Rule[]): object[] {
  const metadata = { name: EVOLUTION, namespace: place, labels: jobLabels() };
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  return [
    { apiVersion, kind: 'Role', metadata, rules },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: EVOLUTION },
      subjects: [{ kind: 'ServiceAccount', name: EVOLUTION, namespace }],
    },
  ];
}
