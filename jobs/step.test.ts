import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Scratch } from '../cli/lib/machine/scratch.ts';
import { Refused } from './refused.ts';
import { takeStep } from './step.ts';
import { given, World } from './world.testing.ts';

// Each certificate is made once: keys take long, and generate.test.ts looks at them.
vi.mock('./generate.ts', async (load) => {
  const real = await load<typeof import('./generate.ts')>();
  const made = new Map<string, ReturnType<typeof real.issue>>();
  const issue: typeof real.issue = (recipe, ca) => {
    const pair = made.get(recipe.name) ?? real.issue(recipe, ca);
    made.set(recipe.name, pair);
    return pair;
  };
  return { ...real, issue };
});

// The real plans of k8s/, on a cluster in memory. apply.test.ts in tests/cluster does the same on a real one.
const scratch = new Scratch();
afterAll(() => scratch.remove());
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const PLANS = Object.fromEntries(
  ['phase0', 'phase1', 'phase2'].map((phase) => [phase, given(phase, scratch.path(phase))]),
);

async function take(phase: string, world: World): Promise<string | Error> {
  const settled = takeStep(PLANS[phase] as ReturnType<typeof given>, world.clients()).catch(
    (error: Error) => error,
  );
  // Certificates are made by threads of their own, beside the timers.
  const done = settled.then(() => true);
  while (!(await Promise.race([done, tick()]))) await vi.advanceTimersByTimeAsync(1000);
  return settled;
}
const { setImmediate: immediately } = globalThis;
const tick = () => new Promise<false>((resolve) => immediately(() => resolve(false)));

async function at(...phases: readonly string[]): Promise<World> {
  const world = new World();
  for (const phase of phases) expect(await take(phase, world)).toContain(`${phase} is reached`);
  world.changes.length = 0;
  world.told.length = 0;
  return world;
}

const URLS = 'Secret sample-app/sample-app-database';
const SEVEN = [
  'Secret crdb/evolution-ca',
  'Secret sample-app/sample-app-control',
  'Secret crdb/crdb-loadgen-tls',
  'Secret crdb/crdb-node-tls',
  'Secret crdb/crdb-root-tls',
  'Secret observability/grafana-admin',
  'ConfigMap sample-app/sample-app-ca',
  'ConfigMap observability/prometheus-config',
];

describe('the step to phase 0', () => {
  it('makes what is missing, then the cluster, its zones, its schema and users, and the addresses of the app last', async () => {
    const world = new World();
    expect(await take('phase0', world)).toBe(
      'phase0 is reached: 1 live node, 1 ranges with 1 copy each, 1 voting.',
    );
    expect(world.changes).toEqual([
      ...SEVEN,
      'CrdbCluster of 1',
      'zones 1/1',
      'user app_writer',
      'user loadgen',
      'password of app_writer',
      URLS,
    ]);
    const urls = world.texts.get(URLS) ?? {};
    const password = world.users.get('app_writer');
    for (const url of Object.values(urls))
      expect(new URL(url)).toMatchObject({ username: 'app_writer', password });
    expect(JSON.stringify(world.told)).not.toContain(password);
  });

  it('changes nothing when it is taken again', async () => {
    const world = await at('phase0');
    expect(await take('phase0', world)).toContain('phase0 is reached');
    expect(world.changes).toEqual([]);
  });

  it('leaves a Secret alone that is there and unusable, says which, and begins nothing', async () => {
    const world = new World();
    world.texts.set('Secret sample-app/sample-app-control', { 'control-token': 'x' });
    const refused = (await take('phase0', world)) as Error;
    expect(refused).toBeInstanceOf(Refused);
    expect(refused.message).toContain(
      'Secret sample-app/sample-app-control is there without the key hash-key',
    );
    expect(world.changes).toEqual([]);
  });

  it('uses what somebody has made before: a Secret with tokens of their own', async () => {
    const world = new World();
    const own = { 'control-token': 'mine', 'hash-key': 'mine too' };
    world.texts.set('Secret sample-app/sample-app-control', own);
    await take('phase0', world);
    expect(world.texts.get('Secret sample-app/sample-app-control')).toEqual(own);
    expect(world.changes).not.toContain('Secret sample-app/sample-app-control');
  });
});

describe('a step to a later phase', () => {
  it('takes its backup first, and moves the reader last', async () => {
    const world = await at('phase0');
    const writer = world.texts.get(URLS)?.['writer-url'];
    expect(await take('phase1', world)).toContain('2 live nodes, 1 ranges with 2 copies each, 1 voting');
    expect(world.changes).toEqual([
      'backup',
      'CrdbCluster of 2',
      'zones 2/1',
      'user app_reader',
      'password of app_reader',
      URLS,
    ]);
    expect(world.texts.get(URLS)?.['writer-url']).toBe(writer);
    expect(new URL(world.texts.get(URLS)?.['reader-url'] ?? '').username).toBe('app_reader');
    world.changes.length = 0;
    expect(await take('phase2', world)).toContain('3 live nodes, 1 ranges with 3 copies each, 3 voting');
    expect(world.changes).toEqual(['backup', 'CrdbCluster of 3', 'zones 3/3']);
  });

  it('removes the ended Jobs of other phases, so that an apply of theirs is looked at again', async () => {
    const world = await at('phase0');
    world.jobs.add('evolution-phase0').add('evolution-phase2');
    await take('phase1', world);
    expect(world.removed).toEqual(['evolution-phase0', 'evolution-phase2']);
  });

  it.each(['phase1', 'phase2'])('to %s changes nothing when it is taken again', async (phase) => {
    const world = await at(...['phase0', 'phase1', 'phase2'].slice(0, Number(phase.slice(5)) + 1));
    expect(await take(phase, world)).toContain(`${phase} is reached`);
    expect(world.changes).toEqual([]);
  });

  it('is refused when it goes back, skips a phase, or begins with nothing; nothing is changed', async () => {
    const reached = await at('phase0', 'phase1', 'phase2');
    for (const [phase, world] of [
      ['phase0', reached],
      ['phase1', reached],
      ['phase2', await at('phase0')],
      ['phase1', new World()],
    ] as const) {
      expect(await take(phase, world)).toBeInstanceOf(Refused);
      expect(world.changes).toEqual([]);
    }
  });

  it('is refused on a cluster of Pulumi, and where the pods would become others', async () => {
    const world = await at('phase0');
    world.managers = [{ manager: 'pulumi-kubernetes-1a2b' }];
    const { cluster } = world;
    world.cluster = cluster && {
      ...cluster,
      metadata: { ...cluster.metadata, managedFields: world.managers },
    };
    expect(await take('phase1', world)).toMatchObject({ message: expect.stringContaining('a Pulumi stack') });
    const other = await at('phase0');
    other.cluster = other.cluster && {
      ...other.cluster,
      spec: { ...other.cluster.spec, ...{ cockroachDBVersion: 'v26.2.4' } },
    };
    expect(await take('phase1', other)).toMatchObject({
      message: expect.stringContaining('cockroachDBVersion: "v26.2.4" => "v26.2.5"'),
    });
    for (const { changes } of [world, other]) expect(changes).toEqual([]);
  });

  it('waits for the end of the phase before, and does not begin without it', async () => {
    const world = await at('phase0');
    world.users.delete('app_writer');
    const failed = (await take('phase1', world)) as Error;
    expect(failed).not.toBeInstanceOf(Refused);
    expect(failed.message).toMatch(/the end of phase0.*there is no user app_writer/);
    expect(world.changes).toEqual([]);
  });
});

describe('a Job that is killed', () => {
  it.each(['phase0', 'phase1', 'phase2'])(
    'before any change of %s goes on when it runs again, and does everything in its order',
    async (phase) => {
      const before = ['phase0', 'phase1', 'phase2'].slice(0, Number(phase.slice(5)));
      const whole = await at(...before);
      await take(phase, whole);
      const wanted = whole.changes;
      expect(wanted.length).toBeGreaterThan(2);
      for (let killAt = 0; killAt < wanted.length; killAt++) {
        const world = await at(...before);
        world.killAt = killAt;
        expect(await take(phase, world), `${killAt}`).toBeInstanceOf(Error);
        expect(world.killed).toBe(true);
        world.killAt = Number.POSITIVE_INFINITY;
        expect(await take(phase, world), `${killAt}`).toContain(`${phase} is reached`);
        // A backup or a password of a try that got no further is made again: nobody had use of it yet.
        const again = world.changes.filter((change, i) => change !== world.changes[i + 1]);
        expect(again, `${killAt}`).toEqual(wanted);
      }
    },
    120_000,
  );
});
