import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { MANIFESTS } from './manifest.testing.ts';
import { CHANGED, type KubernetesObject, operatorObjects } from './objects.ts';

const options = { cockroachVersion: 'v26.2.5', gates: [] };
const found = (objects: KubernetesObject[], kind: string) => objects.find((o) => o.kind === kind);

interface Definition {
  metadata: { annotations?: Record<string, string> };
  spec: { versions: { schema: { openAPIV3Schema: { properties: { spec: { properties: Fields } } } } }[] };
}
interface Fields {
  nodes: { minimum: number };
}
interface Manager {
  spec: { template: { spec: { containers: { args: string[] }[] } } };
}

const nodes = (definition: Definition | undefined) =>
  definition?.spec.versions[0]?.schema.openAPIV3Schema.properties.spec.properties.nodes;
const args = (manager: Manager | undefined) => manager?.spec.template.spec.containers[0]?.args;

describe.each(MANIFESTS)('$name', ({ text: published, definitions, operator, objects: count }) => {
  it('change in three ways, and in no other', () => {
    const objects = operatorObjects(published, {
      cockroachVersion: 'v26.2.5',
      gates: ['TopologySpreadRules', 'TolerationRules'],
    });
    const definition = found(objects, 'CustomResourceDefinition') as unknown as Definition;
    const manager = found(objects, 'Deployment') as unknown as Manager;
    expect(nodes(definition)?.minimum).toBe(1);
    expect(definition.metadata.annotations?.[CHANGED]).toMatch(/1 or more, .* says 3/);
    expect(args(manager)?.slice(-2)).toEqual([
      '-feature-gates',
      'TolerationRules=true,TopologySpreadRules=true',
    ]);

    // All three undone must give what was published.
    Object.assign(nodes(definition) ?? {}, { minimum: 3 });
    delete definition.metadata.annotations?.[CHANGED];
    args(manager)?.splice(-2);
    const before = parseAllDocuments(published).map((document) => document.toJS());
    expect(JSON.stringify(before)).toContain('"creationTimestamp":null');
    expect(JSON.stringify(objects)).not.toContain('creationTimestamp":null');
    for (const { metadata } of before)
      if (metadata.creationTimestamp === null) delete metadata.creationTimestamp;
    expect(objects).toEqual(before);
  });

  it('say nothing about gates when none is needed', () => {
    const manager = found(operatorObjects(published, options), 'Deployment') as unknown as Manager;
    expect(args(manager)).toEqual(['-zap-log-level', 'info']);
  });

  it('refuse a version that the operator does not know, and name the newest of each release', () => {
    const wrong = () => operatorObjects(published, { ...options, cockroachVersion: 'v26.3.0' });
    expect(wrong).toThrow(/v26\.3\.0 .*: v26\.2\.5, v26\.1\.8, v25\.4\.14, v25\.3\.\d+$/);
  });

  it('take an old version of the list', () => {
    expect(operatorObjects(published, { ...options, cockroachVersion: 'v25.4.2' })).toHaveLength(count);
  });

  it('are told from a file that holds only one of them', () => {
    expect(() => operatorObjects(operator, options)).toThrow(/no CustomResourceDefinition/);
    expect(() => operatorObjects(definitions, options)).toThrow(/no Deployment/);
  });

  it('are not taken when they set gates of their own, which a second flag would undo', () => {
    const gated = published.replace(
      /^( *)- -zap-log-level$/m,
      '$1- --feature-gates=AutoPrunePVC=true\n$1- -zap-log-level',
    );
    expect(() => operatorObjects(gated, { ...options, gates: ['AffinityRules'] })).toThrow(
      /AffinityRules=true/,
    );
    expect(operatorObjects(gated, options)).toHaveLength(count);
  });

  it('may allow fewer nodes already', () => {
    const lowered = published.replace(/minimum: 3\b/, 'minimum: 1');
    const definition = found(
      operatorObjects(lowered, options),
      'CustomResourceDefinition',
    ) as unknown as Definition;
    expect(nodes(definition)?.minimum).toBe(1);
    expect(definition.metadata.annotations).not.toHaveProperty([CHANGED]);
  });
});

it('YAML that cannot be read is refused with its place', () => {
  expect(() => operatorObjects('a: [1\nb: 2', options)).toThrow(/operator's manifest: .*line/s);
});
