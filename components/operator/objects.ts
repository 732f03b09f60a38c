import { parseAllDocuments } from 'yaml';
import { ConfigError } from '../config.ts';

/** Features of the operator that are off by default. Source: operator v2.18.3, `pkg/features`. */
export type FeatureGate = 'AffinityRules' | 'TolerationRules' | 'TopologySpreadRules';

export interface OperatorOptions {
  /** The CockroachDB version that the operator is to run, e.g. `v26.2.5`. */
  readonly cockroachVersion: string;
  /** Gates to open. Without its gate, a field of the CrdbCluster is silently ignored. */
  readonly gates: readonly FeatureGate[];
}

export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    annotations?: Record<string, string>;
    creationTimestamp?: unknown;
  };
  [field: string]: unknown;
}

/** Marks the custom resource definition that differs from the published one, and says how. */
export const CHANGED = 'cockroachdb-live-evolution/changed';

/**
 * The objects of the operator's published manifests, with three changes: a CrdbCluster may have 1 or 2 nodes, the
 * gates are open, and `creationTimestamp: null` is gone (the API server fills it in).
 *
 * @param manifests YAML, as many documents as there are objects
 * @throws ConfigError when an expected object is not there, or the operator does not know the version
 */
export function operatorObjects(manifests: string, options: OperatorOptions): KubernetesObject[] {
  const objects = parse(manifests);
  for (const { metadata } of objects)
    if (metadata.creationTimestamp === null) delete metadata.creationTimestamp;
  allowFewNodes(find(objects, 'CustomResourceDefinition', 'crdbclusters.crdb.cockroachlabs.com'));
  const container = manager(find(objects, 'Deployment', 'cockroach-operator-manager'));
  requireVersion(container, options.cockroachVersion);
  openGates(container, options.gates);
  return objects;
}

function parse(manifests: string): KubernetesObject[] {
  return parseAllDocuments(manifests).flatMap((document) => {
    if (document.errors[0]) throw new ConfigError(`The operator's manifest: ${document.errors[0].message}`);
    return document.contents === null ? [] : [document.toJS() as KubernetesObject];
  });
}

function find(objects: KubernetesObject[], kind: string, name: string): KubernetesObject {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (!found) {
    throw new ConfigError(
      `The operator's manifest has no ${kind} ${name}: operatorManifest must hold crds.yaml and operator.yaml, one after the other with a line --- between`,
    );
  }
  return found;
}

/** Phases 0 and 1 have one and two nodes, but the definition requires three. The operator itself can handle fewer. */
function allowFewNodes(definition: KubernetesObject): void {
  interface Spec {
    versions: { schema: { openAPIV3Schema: { properties: { spec: { properties: Properties } } } } }[];
  }
  interface Properties {
    nodes: { minimum?: number };
  }
  for (const version of (definition.spec as Spec).versions) {
    const { nodes } = version.schema.openAPIV3Schema.properties.spec.properties;
    if (nodes.minimum === undefined || nodes.minimum <= 1) continue;
    definition.metadata.annotations = {
      ...definition.metadata.annotations,
      [CHANGED]: `spec.nodes may be 1 or more, where the published definition says ${nodes.minimum}`,
    };
    nodes.minimum = 1;
  }
}

interface Container {
  args: string[];
  env: { name: string; value?: string }[];
}

function manager(deployment: KubernetesObject): Container {
  const { template } = deployment.spec as { template: { spec: { containers: Container[] } } };
  const container = template.spec.containers[0];
  if (!container) throw new ConfigError(`Deployment ${deployment.metadata.name} has no container`);
  container.args ??= [];
  return container;
}

function requireVersion(container: Container, wanted: string): void {
  const known = container.env.flatMap(({ name }) => {
    const version = /^RELATED_IMAGE_COCKROACH_(v\d+_\d+_\d+)$/.exec(name)?.[1];
    return version ? [version.replaceAll('_', '.')] : [];
  });
  if (known.includes(wanted)) return;
  throw new ConfigError(
    `cockroachVersion ${wanted} is not one that the operator knows. Use one of its list; the newest of each release: ${newest(known).join(', ')}`,
  );
}

/** The last patch of the last four releases, newest first. */
function newest(versions: readonly string[]): string[] {
  const sorted = versions.toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  const release = (version: string) => version.slice(0, version.lastIndexOf('.'));
  return sorted.filter((v, i) => i === 0 || release(v) !== release(sorted[i - 1] ?? '')).slice(0, 4);
}

function openGates(container: Container, gates: readonly FeatureGate[]): void {
  if (gates.length === 0) return;
  const flag = gates
    .toSorted()
    .map((gate) => `${gate}=true`)
    .join(',');
  // The operator uses only the last such flag, so a second one would undo the first.
  if (container.args.some((arg) => /^--?feature-gates\b/.test(arg))) {
    throw new ConfigError(
      `The operator's manifest sets -feature-gates already: take it out of operatorManifest, or run with operatorInstall false and an operator that has ${flag}`,
    );
  }
  container.args.push('-feature-gates', flag);
}
