import { describe, expect, it } from 'vitest';
import { CliError } from '../errors.ts';
import type { Target } from '../phase/settings.ts';
import type { ResourceState, StackState } from '../pulumi/state.ts';
import { driftedSettings, type Facts, plan } from './plan.ts';

const target = (stack: string, nodes: number): Target => ({
  stack,
  context: '',
  namespaces: { database: 'crdb', app: 'sample-app', observability: 'observability' },
  nodes,
  replicationFactor: nodes,
  readerUserEnabled: nodes > 1,
  storageSize: '10Gi',
  loadEnabled: true,
  observability: [],
  backupDestination: 'nodelocal://1/backups',
  backupEncrypted: false,
});
const phases = [target('phase0', 1), target('phase1', 2), target('phase2', 3)];

const resource = (stack: string, kind: string, inputs: Record<string, unknown>): ResourceState => ({
  urn: `urn:pulumi:${stack}::p::pulumi-nodejs:dynamic/evolution:${kind}::${kind}`,
  type: `pulumi-nodejs:dynamic/evolution:${kind}`,
  inputs,
});
const deployment = (stack: string, name: string): ResourceState => ({
  urn: `urn:pulumi:${stack}::p::kubernetes:apps/v1:Deployment::${name}`,
  type: 'kubernetes:apps/v1:Deployment',
});
/** A stack that owns a cluster which was asked for `asked` nodes and copies, and has `has` of each. */
const owning = (stack: string, asked: number, has = asked, namespace = 'crdb'): StackState => ({
  stack,
  resources: [
    resource(stack, 'Guard', { nodes: asked, replicationFactor: asked, address: { namespace } }),
    resource(stack, 'NodesLive', { nodes: has }),
    resource(stack, 'Replication', { replicationFactor: has }),
    deployment(stack, 'app-deployment'),
    deployment(stack, 'load-run'),
  ],
  pending: [],
});
const facts = (to: number, states: readonly StackState[], clusterNodes: number | null = 1): Facts => ({
  phases,
  target: phases[to] as Target,
  states,
  clusterNodes,
});
const evolve = (to: number, states: readonly StackState[], clusterNodes: number | null = 1, skip = false) =>
  plan(facts(to, states, clusterNodes), { command: 'evolve', skip });

function refusal(work: () => unknown): CliError {
  try {
    work();
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('what a step is', () => {
  it('is a fresh start at any phase when no stack owns anything', () => {
    for (const to of [0, 1, 2]) expect(evolve(to, [], null)).toEqual({ kind: 'fresh' });
  });

  it('is forward by one phase', () => {
    expect(evolve(1, [owning('phase0', 1)])).toMatchObject({ kind: 'forward', owner: 'phase0' });
    expect(evolve(2, [owning('phase1', 2)])).toMatchObject({ kind: 'forward', owner: 'phase1' });
  });

  it('is forward too when the hand-over was made and nothing else', () => {
    expect(evolve(1, [owning('phase1', 1)])).toMatchObject({
      kind: 'forward',
      at: phases[0],
      owner: 'phase1',
    });
  });

  it('resumes a phase that was requested and not reached', () => {
    const found = evolve(1, [owning('phase1', 2, 1)]);
    expect(found).toMatchObject({ kind: 'resume', at: phases[1] });
    expect(found.kind !== 'fresh' && found.unfinished).toEqual([
      '2 live nodes were not reached yet',
      'replication factor 2 was not reached yet',
    ]);
  });

  it('resumes an update that was killed, whatever was reached', () => {
    const killed = resource('phase1', 'User', {});
    const state = { ...owning('phase1', 2), pending: [{ type: 'creating', resource: killed }] };
    expect(evolve(1, [state])).toMatchObject({
      kind: 'resume',
      unfinished: ['User was interrupted while creating (phase1)'],
    });
  });

  it('resumes a step that was killed before it did anything', () => {
    const handedOver = owning('phase1', 1);
    const state = {
      ...handedOver,
      pending: [{ type: 'updating', resource: handedOver.resources[0] as ResourceState }],
    };
    expect(evolve(1, [state])).toMatchObject({ kind: 'resume', at: phases[0], from: 'phase0' });
  });

  it('knows where a resumed step began', () => {
    const backup = (taken: boolean) => ({ ...resource('phase1', 'EvolutionBackup', {}), outputs: { taken } });
    const from = (state: StackState, taken: boolean) => {
      const found = evolve(1, [{ ...state, resources: [...state.resources, backup(taken)] }]);
      return found.kind === 'fresh' ? undefined : found.from;
    };
    expect(from(owning('phase1', 2, 1), true)).toBe('phase0');
    // Killed before its backup; the one that is known is of the fresh start, where there was nothing to protect.
    expect(from(owning('phase1', 2, 1), false)).toBe('phase0');
    const [guard, live] = owning('phase1', 2).resources;
    const fresh = { stack: 'phase1', resources: [guard, live] as ResourceState[], pending: [] };
    expect(from(fresh, false)).toBeNull();
  });

  it('resumes an update that failed, and left nothing pending', () => {
    const state = owning('phase1', 2);
    const without = (name: string) => ({
      ...state,
      resources: state.resources.filter(({ urn }) => !urn.endsWith(name)),
    });
    for (const [name, problem] of [
      ['app-deployment', 'the app was not made yet'],
      ['load-run', 'the load generator was not made yet'],
    ] as const) {
      expect(evolve(1, [without(name)])).toMatchObject({ kind: 'resume', unfinished: [problem] });
      expect(refusal(() => evolve(2, [without(name)])).code).toBe('EVO-203');
    }
    const unready = state.resources.map((one) => ({
      ...one,
      initErrors: one.urn.endsWith('load-run') ? ['x'] : [],
    }));
    expect(evolve(1, [{ ...state, resources: unready }])).toMatchObject({
      kind: 'resume',
      unfinished: ['load-run was made, and did not get ready'],
    });
  });

  it('misses no load generator where the settings ask for none', () => {
    const state = owning('phase1', 2);
    const quiet = { ...state, resources: state.resources.filter(({ urn }) => !urn.endsWith('load-run')) };
    const settings = {
      ...facts(1, [quiet]),
      phases: phases.map((phase) => ({ ...phase, loadEnabled: false })),
    };
    expect(plan(settings, { command: 'evolve', skip: false }).kind).toBe('again');
  });

  it('takes no notice of a pending creation that was finished since', () => {
    const state = owning('phase1', 2);
    const made = state.resources[1] as ResourceState;
    expect(evolve(1, [{ ...state, pending: [{ type: 'creating', resource: made }] }])).toMatchObject({
      kind: 'again',
    });
  });

  it('resumes a fresh start that was killed before it created anything to ask', () => {
    const early: StackState = {
      stack: 'phase2',
      resources: [
        { urn: 'urn:pulumi:phase2::p::evolution:index:Services::services', type: 'evolution:index:Services' },
      ],
      pending: [],
    };
    expect(evolve(2, [early], null)).toMatchObject({ kind: 'resume', at: phases[2] });
    expect(refusal(() => evolve(0, [early], null)).code).toBe('EVO-201');
  });

  it('may hand the state back to the phase that the cluster is still at', () => {
    expect(evolve(0, [owning('phase1', 1)])).toMatchObject({ kind: 'again', at: phases[0] });
  });

  it('leaves phases out when that is meant', () => {
    expect(evolve(2, [owning('phase0', 1)], 1, true)).toMatchObject({ kind: 'forward', at: phases[0] });
  });
});

describe('what is refused', () => {
  it('a step back, with the step forward that there is', () => {
    const back = refusal(() => evolve(0, [owning('phase1', 2)]));
    expect(back.code).toBe('EVO-201');
    expect(back.message).toContain('phase0 is a step back: the cluster is at phase1');
    expect(back.next).toBe('npm run evolve -- phase2');
    expect(refusal(() => evolve(1, [owning('phase2', 3)])).next).toContain('npm run status');
  });

  it('a step back from a phase that was only begun', () => {
    expect(refusal(() => evolve(0, [owning('phase1', 2, 1)])).code).toBe('EVO-201');
  });

  it('a skipped phase, with both ways on', () => {
    const skipped = refusal(() => evolve(2, [owning('phase0', 1)]));
    expect(skipped.code).toBe('EVO-202');
    expect(skipped.next).toContain('npm run evolve -- phase1');
    expect(skipped.next).toContain('npm run evolve -- phase2 --skip');
  });

  it('a step from a phase that is not finished', () => {
    const early = refusal(() => evolve(2, [owning('phase1', 2, 1)]));
    expect(early.code).toBe('EVO-203');
    expect(early.next).toContain('npm run evolve -- phase1');
  });

  it('a cluster that no stack owns', () => {
    const lost = refusal(() => evolve(0, [], 2));
    expect(lost.code).toBe('EVO-204');
    expect(lost.message).toContain('Namespace crdb has a CockroachDB cluster of 2 nodes');
  });

  it('a cluster that kubectl apply -k made, with the way to go on there', () => {
    const made = refusal(() =>
      plan({ ...facts(1, [], 1), byKustomize: true }, { command: 'evolve', skip: false }),
    );
    expect(made.code).toBe('EVO-210');
    expect(made.message).toContain('made by kubectl apply -k, and not by a stack');
    expect(made.next).toContain('kubectl apply --server-side -k k8s/phase1');
  });

  it('a target that is set for another namespace', () => {
    const other = refusal(() => evolve(1, [owning('phase0', 1, 1, 'other')]));
    expect(other.code).toBe('EVO-207');
    expect(other.next).toBe('pulumi config set databaseNamespace other -s phase1');
  });
});

describe('settings that stray', () => {
  it('are those that only one stack has, with the command that copies them, and not what a phase is about', () => {
    const lines = driftedSettings(
      { 'p:nodes': '1', 'p:storageClass': 'gp3', 'p:platform': 'eks' },
      { 'p:nodes': '2', 'p:storageClass': '', 'p:platform': 'eks' },
      { owner: 'phase0', target: 'phase1' },
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('pulumi config cp storageClass --stack phase0 --dest phase1');
  });
});
