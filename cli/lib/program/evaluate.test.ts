import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluate, evaluateAll } from './evaluate.ts';
import type { Evaluation, Resource } from './resources.ts';

// A small program of its own, so that what is tested is the evaluation.
const directory = join(__dirname, 'fixture');

function find({ resources }: Evaluation, name: string): Resource {
  const found = resources.find((resource) => resource.name === name);
  if (found === undefined) throw new Error(`no resource ${name}`);
  return found;
}

let small: Evaluation;
let large: Evaluation;
beforeAll(async () => {
  const both = await evaluateAll([{ stack: 'small' }, { stack: 'large' }], { directory });
  [small, large] = both as [Evaluation, Evaluation];
});

describe('evaluating a program', () => {
  it('gives every resource with its place, resolved inputs, protection and provider', () => {
    expect(find(small, 'part-ns')).toEqual({
      urn: 'fixture:index:Part$kubernetes:core/v1:Namespace::part-ns',
      type: 'kubernetes:core/v1:Namespace',
      name: 'part-ns',
      path: ['part', 'part-ns'],
      custom: true,
      inputs: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'fx', labels: { team: 'a' } } },
      dependencies: [],
      protect: true,
      aliases: [],
      ignoreChanges: [],
      provider: 'kubernetes',
    });
    // The namespace's name is an output of it.
    expect(find(small, 'part-config').inputs).toMatchObject({
      metadata: { namespace: 'fx' },
      data: { nodes: '1' },
    });
  });

  it('keeps secrets closed: what they are made of can be seen and compared, and nothing else', () => {
    const secret = find(small, 'secret').inputs.stringData;
    expect(secret).toEqual({
      secret: true,
      digest: expect.stringMatching(/^[0-9a-f]{12}$/),
      shape: {
        url: 'postgresql://app:<password>@db/app',
        key: '-----BEGIN PRIVATE KEY-----\n<key>\n-----END PRIVATE KEY-----\n',
        licence: '<licence>',
      },
    });
    expect(find(small, 'login').inputs.stringData).toMatchObject({ shape: { login: 'app:<password>' } });
    // Each stack encrypts in its own way; that is no difference.
    expect(find(large, 'secret').inputs.stringData).toEqual(secret);
    expect(small.outputs.secret).toMatchObject({ secret: true, shape: '<password>' });
    expect(JSON.stringify([small, large])).not.toContain('mock-secret');
  });

  it('leaves open what only a run can tell, and knows no text of providers', () => {
    expect(small.outputs.rows).toEqual({ unknown: true });
    expect(small.resources.flatMap(({ inputs }) => Object.keys(inputs))).not.toContain('__provider');
  });

  it('puts what a resource needs before it, a whole component where it asks for one', () => {
    const { resources } = small;
    const place = (urn: string) => resources.findIndex((resource) => resource.urn === urn);
    for (const { urn, dependencies } of resources)
      for (const dependency of dependencies) expect(place(dependency)).toBeLessThan(place(urn));
    const secret = resources.find(({ name }) => name === 'secret');
    expect(secret?.dependencies).toContain('fixture:index:Part$kubernetes:core/v1:ConfigMap::part-config');
  });

  it('gives the same for a stack, whichever ones come before it in the process', async () => {
    expect(await evaluate('large', { directory })).toEqual(large);
    expect(small.outputs.size).toBe(1);
    expect(large.outputs.size).toBe(3);
  });

  it('lays settings over those of the stack, and then needs no file for it', async () => {
    const { outputs } = await evaluate('anything', {
      directory,
      override: { nodes: 7, licence: { secure: '' } },
    });
    expect(outputs.size).toBe(7);
  });

  it('passes on what the program says, and where it broke', async () => {
    await expect(evaluate('small', { directory, override: { nodes: 0 } })).rejects.toMatchObject({
      message: 'nodes must be at least 1',
      expected: true,
    });
    await expect(evaluate('small', { directory, override: { nodes: 13 } })).rejects.toMatchObject({
      message: expect.stringMatching(/^Error: unlucky\n.*fixture\/index\.ts/s),
      expected: false,
    });
    await expect(evaluate('medium', { directory })).rejects.toThrow(
      'There is no stack medium: no file Pulumi.medium.yaml. The stacks are large, small.',
    );
  });
});
