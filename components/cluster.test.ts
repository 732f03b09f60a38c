import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ClusterValues, crdbCluster, featureGates, podTemplateInputs } from './cluster.ts';
import { MANIFESTS } from './operator/manifest.testing.ts';
import { operatorObjects } from './operator/objects.ts';
import { PLATFORMS } from './platforms.ts';

const args: ClusterValues = {
  namespace: 'crdb',
  nodes: 1,
  cockroachVersion: 'v26.2.5',
  storageSize: '10Gi',
  cpu: '500m',
  cpuLimit: '2',
  memory: '2Gi',
  spread: 'none',
};
const tolerations = [{ key: 'dedicated', operator: 'Equal', value: 'database', effect: 'NoSchedule' }];

describe('the manifest of the cluster', () => {
  it.each([2, 3, 4, 5, 9])('differs with %i nodes from that with one in spec.nodes alone', (nodes) => {
    const one = crdbCluster(args);
    const more = crdbCluster({ ...args, nodes });
    expect(more.spec.nodes).toBe(nodes);
    expect({ ...more, spec: { ...more.spec, nodes: 1 } }).toEqual(one);
  });

  it('joins at three fixed addresses, in the form that the operator would give them', () => {
    expect(crdbCluster(args).spec.additionalArgs).toEqual([
      '--join=crdb-0.crdb.crdb:26258,crdb-1.crdb.crdb:26258,crdb-2.crdb.crdb:26258',
    ]);
  });

  it('has TLS by certificates of its own, so that the operator makes none', () => {
    expect(crdbCluster(args).spec).toMatchObject({
      tlsEnabled: true,
      nodeTLSSecret: 'crdb-node-tls',
      clientTLSSecret: 'crdb-root-tls',
    });
  });

  it('is deleted in the background: what a foreground deletion takes away the operator makes anew, without end', () => {
    expect(crdbCluster(args).metadata.annotations).toEqual({
      'pulumi.com/deletionPropagationPolicy': 'background',
    });
  });

  it('says volumeMode, without which the operator refuses it', () => {
    expect(crdbCluster(args).spec.dataStore.pvc.spec.volumeMode).toBe('Filesystem');
  });

  it('leaves the storage class to the Kubernetes cluster unless told', () => {
    expect(crdbCluster(args).spec.dataStore.pvc.spec).not.toHaveProperty('storageClassName');
    const gp3 = crdbCluster({ ...args, storageClass: 'gp3' });
    expect(gp3.spec.dataStore.pvc.spec.storageClassName).toBe('gp3');
  });

  it.each([
    ['none', undefined],
    ['hostname', [['kubernetes.io/hostname', 'DoNotSchedule']]],
    [
      'zone',
      [
        ['topology.kubernetes.io/zone', 'DoNotSchedule'],
        ['kubernetes.io/hostname', 'ScheduleAnyway'],
      ],
    ],
  ] as const)('spreads the pods over %s', (spread, expected) => {
    const constraints = crdbCluster({ ...args, spread }).spec.topologySpreadConstraints;
    expect(constraints?.map((c) => [c.topologyKey, c.whenUnsatisfiable])).toEqual(expected);
  });
});

describe('what restarts the pods', () => {
  it.each([{ nodes: 3 }, { storageSize: '20Gi' }, { storageClass: 'gp3' }])('is not %o', (change) => {
    expect(podTemplateInputs({ ...args, ...change })).toEqual(podTemplateInputs(args));
  });

  it.each([
    { cockroachVersion: 'v26.2.4' },
    { cpu: '1' },
    { cpuLimit: '4' },
    { memory: '4Gi' },
    { namespace: 'other' },
    { nodeSelector: { pool: 'database' } },
    { tolerations },
    { spread: 'zone' as const },
  ])('is %o', (change) => {
    expect(podTemplateInputs({ ...args, ...change })).not.toEqual(podTemplateInputs(args));
  });
});

it('the operator is told to heed the fields that are used', () => {
  expect(featureGates(args)).toEqual([]);
  expect(featureGates({ ...args, spread: 'hostname' })).toEqual(['TopologySpreadRules']);
  expect(featureGates({ ...args, spread: 'zone', tolerations })).toEqual([
    'TolerationRules',
    'TopologySpreadRules',
  ]);
});

interface Schema {
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: boolean | Schema;
  minimum?: number;
}

/** Refuses fields that the schema does not name, as the API server does with strict validation. */
function closed(schema: Schema): Schema {
  const { properties, items } = schema;
  return {
    ...schema,
    ...(properties
      ? {
          properties: Object.fromEntries(Object.entries(properties).map(([key, s]) => [key, closed(s)])),
          additionalProperties: false,
        }
      : {}),
    ...(items ? { items: closed(items) } : {}),
  };
}

interface Definition {
  spec: { versions: [{ schema: { openAPIV3Schema: { properties: { spec: Schema } } } }] };
}

describe.each(MANIFESTS)("the operator's definition of a cluster in $name", ({ text }) => {
  const definition = () =>
    operatorObjects(text, { cockroachVersion: 'v26.2.5', gates: [] })[0] as unknown as Definition;
  let schema: Schema;
  beforeAll(() => {
    const { properties } = definition().spec.versions[0].schema.openAPIV3Schema;
    schema = closed(properties.spec);
  });
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  const problems = (schema: Schema, spec: unknown) => {
    ajv.validate(schema, spec);
    return ajv.errors?.map((e) => `${e.instancePath} ${e.message}`) ?? [];
  };

  const platforms = Object.entries(PLATFORMS).flatMap(([platform, choices]) =>
    [1, 2, 3, 4, 5].map((nodes) => ({ platform, nodes, choices })),
  );
  it.each(platforms)('takes $nodes nodes on $platform', ({ nodes, choices }) => {
    const { spec } = crdbCluster({
      ...args,
      ...choices,
      nodes,
      nodeSelector: { pool: 'database' },
      tolerations,
    });
    expect(problems(schema, spec)).toEqual([]);
  });

  it('refuses fewer than three nodes as published, and fields that it does not know', () => {
    const published = { ...schema, properties: { ...schema.properties, nodes: { minimum: 3 } } };
    expect(problems(published, crdbCluster({ ...args, nodes: 2 }).spec)).toEqual(['/nodes must be >= 3']);
    const misspelt = { ...crdbCluster(args).spec, toleration: [] };
    expect(problems(schema, misspelt)).toEqual([' must NOT have additional properties']);
  });
});
