import * as pulumi from '@pulumi/pulumi';
import { beforeAll, describe, expect, it } from 'vitest';
import { Component } from './component.ts';
import { isSecret } from './recorded.ts';

interface Made {
  readonly type: string;
  readonly inputs: Record<string, unknown>;
}

const made = new Map<string, Made>();
const dependencies = new Map<string, readonly string[]>();

class Pair extends Component<{ readonly size: number; readonly key?: string | undefined }> {
  constructor(name: string, args: { size: number; key?: string }, opts?: pulumi.ComponentResourceOptions) {
    super('Pair', name, args, opts, ['key']);
    for (const part of ['a', 'b']) new Leaf(`${name}-${part}`, this.childOptions);
    this.registerOutputs();
  }
}

class Leaf extends pulumi.CustomResource {
  constructor(name: string, opts?: pulumi.CustomResourceOptions) {
    super('test:index:Leaf', name, {}, opts);
    // What the SDK was given, as it would ask the engine to order it.
    const list = [opts?.dependsOn ?? []].flat() as pulumi.Resource[];
    dependencies.set(
      name,
      list.map((resource) => (resource as unknown as { __name: string }).__name),
    );
  }
}

beforeAll(async () => {
  await pulumi.runtime.setMocks({
    call: () => ({}),
    newResource: ({ type, name, inputs }) => {
      made.set(name, { type, inputs });
      return { id: name, state: inputs };
    },
  });
  await pulumi.runtime.runInPulumiStack(async () => {
    const before = new Leaf('before');
    new Pair('pair', { size: 2, key: 'hush' }, { dependsOn: before });
    new Pair('open', { size: 1 });
  });
  await pulumi.runtime.disconnect();
});

describe('a component', () => {
  it('records its arguments, under a type token that is the same for ever', () => {
    expect(made.get('open')).toEqual({ type: 'evolution:index:Pair', inputs: { size: 1 } });
  });

  it('closes those that are secret, however they were passed', () => {
    expect(made.get('pair')?.inputs.size).toBe(2);
    expect(isSecret(made.get('pair')?.inputs.key)).toBe(true);
  });

  it('has each child wait for what it waits for itself', () => {
    expect(dependencies.get('pair-a')).toEqual(['before']);
    expect(dependencies.get('pair-b')).toEqual(['before']);
    expect(dependencies.get('open-a')).toEqual([]);
  });
});
