import type { Resource } from '../program/resources.ts';

/**
 * Properties whose change makes the provider replace the object. Source: pulumi-kubernetes 4, provider/pkg/provider/diff.go; for the
 * others, their schemas.
 */
const KUBERNETES: Readonly<Record<string, readonly string[]>> = {
  'apps/v1:StatefulSet': [
    'spec.podManagementPolicy',
    'spec.revisionHistoryLimit',
    'spec.selector',
    'spec.serviceName',
    'spec.volumeClaimTemplates',
  ],
  'apps/v1:Deployment': ['spec.selector'],
  'apps/v1:DaemonSet': ['spec.selector'],
  'batch/v1:Job': ['spec.completions', 'spec.parallelism', 'spec.selector', 'spec.template'],
  'core/v1:Service': ['spec.clusterIP'],
  'core/v1:PersistentVolumeClaim': ['spec'],
  'core/v1:Pod': ['spec'],
  'core/v1:Secret': ['type'],
  'rbac.authorization.k8s.io/v1:RoleBinding': ['roleRef'],
  'rbac.authorization.k8s.io/v1:ClusterRoleBinding': ['roleRef'],
  'storage.k8s.io/v1:StorageClass': ['parameters', 'provisioner'],
};

/** Replaced too, unless this option of the provider lets them change in place. */
const UNLESS_MUTABLE: Readonly<
  Record<string, { readonly option: string; readonly paths: readonly string[] }>
> = {
  'core/v1:ConfigMap': { option: 'enableConfigMapMutable', paths: ['data', 'binaryData'] },
  'core/v1:Secret': { option: 'enableSecretMutable', paths: ['data', 'stringData'] },
};

/** Providers that replace the resource on every change, each with its exceptions. */
const ALL_BUT: Readonly<Record<string, readonly string[]>> = {
  'random:': [],
  'tls:': ['earlyRenewalHours'],
};

/** Whether a change of the property at this path replaces the resource. Dynamic resources of this project are updated. */
export function replaces(resource: Resource, path: string, provider: Resource | undefined): boolean {
  const { type } = resource;
  for (const [prefix, harmless] of Object.entries(ALL_BUT))
    if (type.startsWith(prefix)) return !harmless.some((at) => within(path, at));
  if (!type.startsWith('kubernetes:')) return false;
  const kind = type.slice('kubernetes:'.length);
  const mutable = UNLESS_MUTABLE[kind];
  const paths = [
    'apiVersion',
    'kind',
    'metadata.name',
    'metadata.namespace',
    ...(KUBERNETES[kind] ?? []),
    ...(mutable !== undefined && provider?.inputs[mutable.option] !== 'true' ? mutable.paths : []),
  ];
  return paths.some((at) => within(path, at));
}

function within(path: string, at: string): boolean {
  return path === at || path.startsWith(`${at}.`) || path.startsWith(`${at}[`);
}
