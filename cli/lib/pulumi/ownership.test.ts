import { describe, expect, it } from 'vitest';
import { movesTo } from './hand-over.ts';
import { duplicates, owners } from './ownership.ts';
import { parseExport, type StackState } from './state.ts';
import { without, withoutAdoption } from './state-edit.ts';

const stackResource = (stack: string) => ({
  urn: `urn:pulumi:${stack}::p::pulumi:pulumi:Stack::p-${stack}`,
  type: 'pulumi:pulumi:Stack',
});
const provider = (stack: string) => ({
  urn: `urn:pulumi:${stack}::p::pulumi:providers:kubernetes::k`,
  type: 'pulumi:providers:kubernetes',
});
const map = (stack: string, name: string, modified = '2026-01-01T00:00:00Z') => ({
  urn: `urn:pulumi:${stack}::p::kubernetes:core/v1:ConfigMap::${name}`,
  type: 'kubernetes:core/v1:ConfigMap',
  parent: stackResource(stack).urn,
  modified,
});
const state = (stack: string, ...names: string[]): StackState => ({
  stack,
  resources: [stackResource(stack), provider(stack), ...names.map((name) => map(stack, name))],
  pending: [],
});

describe('who owns what', () => {
  it('is nobody when only the stack and its providers are left, as after a hand-over', () => {
    expect(owners([state('phase0'), state('phase1')])).toEqual([]);
  });

  it('moves what other stacks own, by the one URN that stands for all of it', () => {
    const moves = movesTo([state('phase0', 'a', 'b'), state('phase1', 'c')], 'phase1');
    expect(moves).toEqual([{ from: 'phase0', to: 'phase1', urns: [stackResource('phase0').urn], count: 2 }]);
  });

  it('names what does not descend from the stack', () => {
    const { parent: _parent, ...alone } = map('phase0', 'b');
    const split = state('phase0', 'a');
    const moves = movesTo([{ ...split, resources: [...split.resources, alone] }], 'phase1');
    expect(moves[0]?.urns).toEqual([stackResource('phase0').urn, alone.urn]);
  });

  it('moves from both stacks when a third is to own a state that is split', () => {
    expect(
      movesTo([state('phase0', 'a'), state('phase1', 'b', 'c')], 'phase2').map(({ from }) => from),
    ).toEqual(['phase1', 'phase0']);
  });

  it('moves nothing when the stack owns everything', () => {
    expect(movesTo([state('phase0'), state('phase1', 'a')], 'phase1')).toEqual([]);
  });
});

describe('a resource in two stacks', () => {
  it('is taken out of the one that is not wanted, when both are the same', () => {
    const both = [state('phase0', 'a'), state('phase1', 'a')];
    expect(duplicates(both, 'phase1')).toEqual([
      { keep: 'phase1', drop: 'phase0', urns: [map('phase0', 'a').urn] },
    ]);
    expect(duplicates(both, 'phase0')).toEqual([
      { keep: 'phase0', drop: 'phase1', urns: [map('phase1', 'a').urn] },
    ]);
  });

  it('stays where there is more, although it was changed elsewhere since: a second fresh start did not get far', () => {
    const early = { ...state('phase0'), resources: [map('phase0', 'a', '2026-02-01T00:00:00Z')] };
    expect(duplicates([early, state('phase1', 'a', 'b')], 'phase0')).toMatchObject([
      { keep: 'phase1', drop: 'phase0' },
    ]);
  });

  it('stays where it was changed last when both hold as many, whatever is wanted', () => {
    const later = { ...state('phase1'), resources: [map('phase1', 'a', '2026-02-01T00:00:00Z')] };
    expect(duplicates([state('phase0', 'a'), later], 'phase0')).toMatchObject([
      { keep: 'phase1', drop: 'phase0' },
    ]);
  });

  it('is none in a state that is only split', () => {
    expect(duplicates([state('phase0', 'a'), state('phase1', 'b')], 'phase1')).toEqual([]);
  });
});

describe('taking resources out of an export', () => {
  const exported = JSON.stringify({
    version: 3,
    deployment: {
      manifest: { magic: 'm' },
      resources: [
        stackResource('phase0'),
        map('phase0', 'a'),
        {
          ...map('phase0', 'b'),
          parent: map('phase0', 'a').urn,
          dependencies: [map('phase0', 'a').urn, provider('phase0').urn],
          propertyDependencies: { data: [map('phase0', 'a').urn], metadata: null },
          deletedWith: map('phase0', 'a').urn,
        },
      ],
    },
  });

  it('leaves the others, without references to what is gone', () => {
    const left = JSON.parse(without(exported, [map('phase0', 'a').urn]));
    expect(left.deployment.manifest).toEqual({ magic: 'm' });
    expect(left.deployment.resources).toEqual([
      stackResource('phase0'),
      {
        ...map('phase0', 'b'),
        parent: stackResource('phase0').urn,
        dependencies: [provider('phase0').urn],
        propertyDependencies: { data: [], metadata: [] },
      },
    ]);
  });

  it('leaves no trace of the one update that took up objects which were there', () => {
    const upsert = { upsertExistingObjects: 'true', kubeconfig: 'k' };
    const made = {
      ...provider('phase0'),
      id: '1',
      inputs: upsert,
      outputs: upsert,
      propertyDependencies: { upsertExistingObjects: [] },
    };
    const text = JSON.stringify({ deployment: { resources: [made, map('phase0', 'a')] } });
    expect(JSON.parse(withoutAdoption(text)).deployment.resources).toEqual([
      { ...made, inputs: { kubeconfig: 'k' }, outputs: { kubeconfig: 'k' }, propertyDependencies: {} },
      map('phase0', 'a'),
    ]);
  });

  it('can be read as the state of a stack', () => {
    expect(parseExport('phase0', without(exported, [])).resources).toHaveLength(3);
    expect(parseExport('phase0', '{"version":3,"deployment":{}}').resources).toEqual([]);
  });
});
