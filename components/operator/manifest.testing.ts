import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify as toYaml } from 'yaml';

/**
 * For tests: what this project rests on of the operator's manifests (v2.18.3), as manifests of the same form. The limit of `nodes`, the
 * fields that `crdbCluster` sets with their types, the versions, the flags. Source: its `install/crds.yaml` and `install/operator.yaml`, at the
 * commit that `manifests.ts` pins.
 */
/** A schema that is used twice is written twice. */
const stringify = (object: object) => toYaml(object, { aliasDuplicateObjects: false });

const quantities = { type: 'object', additionalProperties: { type: 'string' } };
const text = { type: 'string' };

const SPEC = {
  type: 'object',
  required: ['dataStore', 'nodes'],
  properties: {
    nodes: { type: 'integer', format: 'int32', minimum: 3 },
    cockroachDBVersion: text,
    tlsEnabled: { type: 'boolean' },
    nodeTLSSecret: text,
    clientTLSSecret: text,
    additionalArgs: { type: 'array', items: text },
    resources: { type: 'object', properties: { requests: quantities, limits: quantities } },
    dataStore: {
      type: 'object',
      properties: {
        pvc: {
          type: 'object',
          properties: {
            spec: {
              type: 'object',
              properties: {
                accessModes: { type: 'array', items: text },
                volumeMode: text,
                storageClassName: text,
                resources: { type: 'object', properties: { requests: quantities } },
              },
            },
          },
        },
      },
    },
    topologySpreadConstraints: {
      type: 'array',
      items: {
        type: 'object',
        required: ['maxSkew', 'topologyKey', 'whenUnsatisfiable'],
        properties: {
          maxSkew: { type: 'integer' },
          topologyKey: text,
          whenUnsatisfiable: text,
          labelSelector: {
            type: 'object',
            properties: { matchLabels: { type: 'object', additionalProperties: text } },
          },
        },
      },
    },
    nodeSelector: { type: 'object', additionalProperties: text },
    tolerations: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          key: text,
          operator: text,
          value: text,
          effect: text,
          tolerationSeconds: { type: 'integer' },
        },
      },
    },
  },
};

const VERSIONS = ['v25.3.4', 'v25.4.2', 'v25.4.14', 'v26.1.8', 'v26.2.4', 'v26.2.5'];

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: 'crdbclusters.crdb.cockroachlabs.com',
    annotations: { 'controller-gen.kubebuilder.io/version': 'v0.8.0' },
    creationTimestamp: null,
  },
  spec: {
    group: 'crdb.cockroachlabs.com',
    names: { kind: 'CrdbCluster', plural: 'crdbclusters', singular: 'crdbcluster' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: SPEC } } },
      },
    ],
  },
};

const namespace = 'cockroach-operator-system';
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'cockroach-operator-manager', namespace },
  spec: {
    selector: { matchLabels: { app: 'cockroach-operator' } },
    template: {
      metadata: { labels: { app: 'cockroach-operator' } },
      spec: {
        containers: [
          {
            name: 'cockroach-operator',
            image: 'cockroachdb/cockroach-operator:v2.18.3',
            args: ['-zap-log-level', 'info'],
            env: VERSIONS.map((version) => ({
              name: `RELATED_IMAGE_COCKROACH_${version.replaceAll('.', '_')}`,
              value: `cockroachdb/cockroach:${version}`,
            })),
          },
        ],
      },
    },
  },
};

export interface Manifests {
  readonly name: string;
  readonly definitions: string;
  readonly operator: string;
  /** Both, as one text. */
  readonly text: string;
  /** Of Kubernetes, in it. */
  readonly objects: number;
}

const SMALL = manifests(
  'small manifests of the same form',
  stringify(definition),
  [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'cockroach-operator-sa', namespace } },
    deployment,
  ]
    .map((object) => stringify(object))
    .join('---\n'),
  4,
);

/** The operator's two files as published, from the folder that the environment variable names. */
export const PUBLISHED = published(process.env.OPERATOR_MANIFESTS);

/** All that are here; the published ones where they are. */
export const MANIFESTS: readonly Manifests[] = PUBLISHED === undefined ? [SMALL] : [SMALL, PUBLISHED];

function manifests(name: string, definitions: string, operator: string, objects: number): Manifests {
  return { name, definitions, operator, text: `${definitions}\n---\n${operator}`, objects };
}

function published(folder: string | undefined): Manifests | undefined {
  if (folder === undefined || !existsSync(folder)) {
    console.warn(
      `SKIPPED: the operator's manifests as published. ${folder === undefined ? 'OPERATOR_MANIFESTS names no folder with its crds.yaml and operator.yaml' : `There is no ${folder} (OPERATOR_MANIFESTS)`}.`,
    );
    return undefined;
  }
  const file = (name: string) => readFileSync(join(folder, name), 'utf8');
  return manifests('the published manifests', file('crds.yaml'), file('operator.yaml'), 9);
}
