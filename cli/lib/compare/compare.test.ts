import { describe, expect, it } from 'vitest';
import type { Evaluation, Resource, Value } from '../program/resources.ts';
import { seal } from '../program/values.ts';
import { compare } from './compare.ts';
import { compactLines, differenceLines } from './show.ts';

type Inputs = { [key: string]: Value };

function resource(type: string, name: string, inputs: Inputs = {}, more: Partial<Resource> = {}): Resource {
  return {
    urn: `${type}::${name}`,
    type,
    name,
    path: ['part', name],
    custom: true,
    inputs,
    dependencies: [],
    protect: false,
    aliases: [],
    ignoreChanges: [],
    provider: undefined,
    ...more,
  };
}

function stack(name: string, resources: Resource[], outputs: Inputs = {}): Evaluation {
  return { stack: name, resources, outputs };
}

function between(before: Resource[], after: Resource[]) {
  return compare(stack('old', before), stack('new', after));
}

const secret = (digest: string): Value => ({ secret: true, digest, shape: '<hidden>' });

describe('the difference between two evaluations', () => {
  it('names each changed property at its path', () => {
    const pod = (image: string, labels: Inputs) =>
      resource('kubernetes:apps/v1:Deployment', 'd', {
        metadata: { labels },
        spec: { template: { spec: { containers: [{ name: 'a', image }] } } },
      });
    const { changes, unchanged } = between(
      [pod('a:1', { 'app.kubernetes.io/name': 'x' }), resource('t', 'same', { a: { b: 1, c: 2 } })],
      [pod('a:2', { team: 'y' }), resource('t', 'same', { a: { c: 2, b: 1 } })],
    );
    expect(unchanged).toBe(1);
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ action: 'update' });
    expect(changes[0]?.properties).toEqual([
      { path: 'metadata.labels["app.kubernetes.io/name"]', before: 'x' },
      { path: 'metadata.labels.team', after: 'y' },
      { path: 'spec.template.spec.containers[0].image', before: 'a:1', after: 'a:2' },
    ]);
  });

  it('tells creations in their order, then deletions in the reverse of theirs', () => {
    const { changes } = between(
      [resource('t', 'a'), resource('t', 'b'), resource('t', 'kept')],
      [resource('t', 'c'), resource('t', 'kept'), resource('t', 'd')],
    );
    expect(changes.map((change) => [change.action, change.resource.name])).toEqual([
      ['create', 'c'],
      ['create', 'd'],
      ['delete', 'b'],
      ['delete', 'a'],
    ]);
  });

  it.each([
    ['kubernetes:core/v1:Service', { spec: { clusterIP: 'None' } }, { spec: { clusterIP: '' } }, 'replace'],
    ['kubernetes:core/v1:Service', { spec: { type: 'ClusterIP' } }, { spec: { type: 'NodePort' } }, 'update'],
    [
      'kubernetes:batch/v1:Job',
      { spec: { template: { a: 1 } } },
      { spec: { template: { a: 2 } } },
      'replace',
    ],
    ['kubernetes:apps/v1:Deployment', { metadata: { name: 'a' } }, { metadata: { name: 'b' } }, 'replace'],
    ['kubernetes:core/v1:ConfigMap', { data: { a: '1' } }, { data: { a: '2' } }, 'replace'],
    ['random:index/randomPassword:RandomPassword', { length: 1 }, { length: 2 }, 'replace'],
    ['pulumi-nodejs:dynamic:Resource', { nodes: 1 }, { nodes: 2 }, 'update'],
  ] as const)('knows what replaces a %s: %j => %j', (type, before, after, action) => {
    const { changes } = between([resource(type, 'x', before)], [resource(type, 'x', after)]);
    expect(changes.map((change) => change.action)).toEqual([action]);
  });

  it('takes a ConfigMap for updated in place only where its provider says so', () => {
    const map = (value: string) =>
      resource('kubernetes:core/v1:ConfigMap', 'map', { data: { a: value } }, { provider: 'k' });
    const provider = resource('pulumi:providers:kubernetes', 'k', { enableConfigMapMutable: 'true' });
    expect(between([provider, map('1')], [provider, map('2')]).changes[0]?.action).toBe('update');
    const strict = resource('pulumi:providers:kubernetes', 'k');
    expect(between([strict, map('1')], [strict, map('2')]).changes[0]?.action).toBe('replace');
  });

  it('follows aliases and leaves out what the program ignores', () => {
    const before = resource('t', 'old', { a: 1, b: { c: 1 } });
    const after = resource('t', 'new', { a: 1, b: { c: 2 } }, { aliases: ['t::old'], ignoreChanges: ['b'] });
    expect(between([before], [after])).toMatchObject({ changes: [], unchanged: 1 });
  });

  it('sees that a secret differs, and shows neither', () => {
    const difference = between(
      [resource('t', 'x', { same: secret('a'), url: secret('a') })],
      [resource('t', 'x', { same: secret('a'), url: secret('b') })],
    );
    expect(difference.changes[0]?.properties.map(({ path }) => path)).toEqual(['url']);
    expect(differenceLines(difference).join('\n')).toContain('url: [secret] => [secret]');
    expect(differenceLines(difference).join('\n')).not.toContain('hidden');
  });
});

describe('a secret table', () => {
  it('shows which of its keys differs, and no more', () => {
    const table = (reader: string) => seal({ writer: '<a>', reader });
    const { changes } = between(
      [resource('t', 'x', { stringData: table('<a>') })],
      [resource('t', 'x', { stringData: table('<b>') })],
    );
    expect(changes[0]?.properties).toEqual([
      { path: 'stringData.reader', before: seal('<a>'), after: seal('<b>') },
    ]);
  });
});

describe('the text of a difference', () => {
  it('shows statements as statements, and only those that run now: the others have run, and are not undone', () => {
    const sql = (...statements: string[]) =>
      resource('pulumi-nodejs:dynamic:Resource', 'sql', { statements });
    const difference = between(
      [sql('CREATE USER a', 'GRANT x TO a', 'GRANT x TO c')],
      [sql('CREATE USER a', 'CREATE USER b', 'GRANT x TO a', 'GRANT\n  y TO b')],
    );
    expect(differenceLines(difference)).toEqual([
      '',
      'part',
      '  ~  sql  Resource',
      '       statements, to run:',
      '       +   CREATE USER b',
      '       +   GRANT',
      '       +     y TO b',
      '',
      '1 to update, 0 unchanged. Nothing is replaced or deleted.',
    ]);
  });

  it('tells what something new is made of, and how much more there is', () => {
    const added = resource('kubernetes:core/v1:Service', 's', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'crdb-reader', namespace: 'crdb', labels: { a: 'b' } },
      spec: { type: 'ClusterIP', ports: [{ port: 26257 }], selector: { a: 'b' } },
    });
    expect(differenceLines(between([], [added]), { newProperties: 2 })).toEqual([
      '',
      'part',
      '  +  s  Service crdb/crdb-reader',
      '       spec.type: "ClusterIP"',
      '       spec.ports[0].port: 26257',
      '       ... and 1 more',
      '',
      '1 to create, 0 unchanged. Nothing is replaced or deleted.',
    ]);
  });

  it('does not say that nothing is lost when something is', () => {
    const lines = differenceLines(between([resource('t', 'x')], []));
    expect(lines.at(-1)).toBe('1 to delete, 0 unchanged.');
  });

  it('fits in a line for each change where there is little room', () => {
    const replication = (nodes: number, ...statements: string[]) =>
      resource('pulumi-nodejs:dynamic/evolution:Replication', 'replication', {
        nodes,
        lines: `${nodes}`,
        statements,
      });
    const difference = between(
      [replication(1, 'ALTER RANGE default x')],
      [replication(2, 'ALTER RANGE default y', 'ALTER RANGE meta y'), resource('a:b:User', 'reader')],
    );
    expect(compactLines(difference)).toEqual([
      '~  replication  nodes: 1 => 2, 2 statements to run',
      '+  reader  User',
    ]);
  });

  it('shows outputs that differ', () => {
    const difference = compare(stack('a', [], { nodes: 1 }), stack('b', [], { nodes: 2, next: 'up' }));
    expect(differenceLines(difference).slice(1, 4)).toEqual([
      'outputs',
      '     nodes: 1 => 2',
      '     next: "up"',
    ]);
  });
});
