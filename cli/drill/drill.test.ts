import { describe, expect, it } from 'vitest';
import { testRun } from '../../components/database/recorder.testing.ts';
import { findings } from '../check/findings.ts';
import type { App } from '../cluster/app.ts';
import { healthy, PHASES, period, recordingApp, target } from '../cluster/cluster.testing.ts';
import type { ClusterNow } from '../cluster/types.ts';
import { drill, type Hands } from './drill.ts';
import { figuresOf } from './figures.ts';
import { KINDS, type Kind, planDrill } from './kinds.ts';
import { PUBLISHED } from './published.ts';
import { refusal } from './refusal.ts';
import { harm, markdown } from './show.ts';

const NO_PAUSE = { before: 0, after: 0 };

function recordingHands(
  over: Partial<Hands> = {},
  app: App | null = null,
): Hands & { readonly done: string[] } {
  const done: string[] = [];
  return {
    done,
    act: async ({ what }, pod) => void done.push(`${what} ${pod}`),
    whole: async () => void done.push('whole'),
    tidy: (work) => work(app),
    ...over,
  };
}

describe('what a drill does', () => {
  it.each<[Kind, string[]]>([
    ['pod-kill', ['kubectl -n crdb delete pod crdb-2 --grace-period=0 --force --wait=false']],
    ['drain', ['kubectl -n crdb delete pod crdb-2 --wait=false']],
    [
      'node-loss',
      [
        `kubectl -n crdb patch pod crdb-2 --type=merge -p '{"metadata":{"finalizers":["cockroachdb-live-evolution/drill"]}}'`,
        'kubectl -n crdb delete pod crdb-2 --grace-period=0 --force --wait=false',
      ],
    ],
  ])('for %s is what these commands do', (kind, commands) => {
    const plan = planDrill(kind, 'crdb-2', target(), 0);
    expect(plan.acts.map(({ command }) => command)).toEqual(commands);
    expect(plan.undo?.command ?? null).toBe(
      kind === 'node-loss'
        ? `kubectl -n crdb patch pod crdb-2 --type=merge -p '{"metadata":{"finalizers":null}}'`
        : null,
    );
  });

  it('is measured in a period of the report of its own, and the phase gets its name back', async () => {
    const app = recordingApp();
    const done = recordingHands({}, app);
    const figures = await drill(
      planDrill('pod-kill', 'crdb-2', target(), 0),
      app,
      'phase2',
      done,
      testRun(),
      NO_PAUSE,
    );
    expect(done.done).toEqual(['delete-now crdb-2', 'whole']);
    expect(app.marks).toEqual(['phase phase2: drill pod-kill', 'start-load', 'stop-load', 'phase phase2']);
    expect(figures).toMatchObject({
      longestWriteGap: 1.234,
      longestReadGap: 0.567,
      failed: { witness: 7, requests: 3 },
      sent: { witness: 100, requests: 30 },
      lost: 0,
    });
  });

  it("leaves the app's own load as it was when it runs already", async () => {
    const app = recordingApp({}, true);
    const plan = planDrill('drain', 'crdb-2', target(), 0);
    await drill(plan, app, 'phase2', recordingHands({}, app), testRun(), NO_PAUSE);
    expect(app.marks).toEqual(['phase phase2: drill drain', 'phase phase2']);
  });

  it('gives a lost node back before it waits for the cluster to be whole', async () => {
    const done = recordingHands();
    const plan = { ...planDrill('node-loss', 'crdb-2', target(), 5), away: 0.01 };
    await drill(plan, recordingApp(), 'phase2', done, testRun(), NO_PAUSE);
    expect(done.done).toEqual(['hold crdb-2', 'delete-now crdb-2', 'release crdb-2', 'whole']);
  });

  it('gives it back when it is cancelled, and when the cluster does not become whole', async () => {
    const run = testRun();
    const app = recordingApp();
    const done = recordingHands(
      {
        act: async ({ what }) => {
          done.done.push(what);
          if (what === 'delete-now') run.cancel('Ctrl-C');
        },
      },
      app,
    );
    const plan = planDrill('node-loss', 'crdb-2', target(), 30);
    await expect(drill(plan, app, 'phase2', done, run, NO_PAUSE)).rejects.toThrow('Ctrl-C');
    expect(done.done).toEqual(['hold', 'delete-now', 'release']);
    expect(app.marks.slice(-2)).toEqual(['stop-load', 'phase phase2']);

    const stuck = recordingHands({ whole: () => Promise.reject(new Error('2 of 3')) });
    await expect(
      drill({ ...plan, away: 0.01 }, recordingApp(), 'phase2', stuck, testRun(), NO_PAUSE),
    ).rejects.toThrow('2 of 3');
    expect(stuck.done).toEqual(['hold crdb-2', 'delete-now crdb-2', 'release crdb-2']);
  });

  it('gives the command that gives it back when it cannot', async () => {
    const refusing = recordingHands({
      act: async ({ what }) => {
        if (what === 'release') throw new Error('refused');
      },
    });
    const plan = { ...planDrill('node-loss', 'crdb-2', target(), 5), away: 0.01 };
    await expect(drill(plan, recordingApp(), 'phase2', refusing, testRun(), NO_PAUSE)).rejects.toMatchObject({
      code: 'EVO-733',
      next: plan.undo?.command,
    });
  });

  it('has no figures when the app forgot the drill', async () => {
    const app = recordingApp();
    const forgetful = { ...app, report: async () => ({ ...(await app.report()), periods: [] }) };
    const plan = planDrill('drain', 'crdb-2', target(), 0);
    await expect(
      drill(plan, forgetful, 'phase2', recordingHands(), testRun(), NO_PAUSE),
    ).rejects.toMatchObject({
      code: 'EVO-734',
    });
  });
});

describe('a drill is refused', () => {
  const refused = (now: ClusterNow, of = target()) => refusal('pod-kill', now, findings(now, of));
  const copies = (voters: number, fewestVoters = voters) =>
    ({ ...(healthy().replication as object), voters, fewestVoters }) as never;

  it('on fewer than three nodes or voters: it would be an outage', () => {
    const [phase0, phase1] = PHASES;
    const one = healthy({ nodes: { wanted: 1, pods: [] }, replication: copies(1) });
    expect(refused(one, phase0)).toMatchObject({
      code: 'EVO-731',
      next: expect.stringContaining('evolve -- phase2'),
    });
    const two = healthy({ nodes: { wanted: 2, pods: [] }, replication: copies(1) });
    expect(refused(two, phase1)?.message).toContain('2 nodes and 1 voting copy of some range');
    // Asked for and not reached yet.
    expect(refused(healthy({ replication: copies(3, 1) }))).toMatchObject({ code: 'EVO-731' });
    expect(refused(healthy({ replication: copies(1, 3) }))).toMatchObject({ code: 'EVO-731' });
  });

  it('on a cluster that is not whole, or cannot be seen', () => {
    const hurt = healthy({ replication: { ...(copies(3) as object), underReplicated: 4 } as never });
    expect(refused(hurt)).toMatchObject({
      code: 'EVO-732',
      message: expect.stringContaining('4 under-replicated'),
    });
    expect(refused(healthy({ nodes: { problem: 'away' } }))).toMatchObject({ code: 'EVO-732' });
  });

  it('and on a whole cluster of three it is not', () => {
    expect(refused(healthy())).toBeNull();
    expect(refused(healthy({ backups: { destination: 'x', count: 0, latest: null } }))).toBeNull();
  });
});

describe('the figures', () => {
  it.each(KINDS)('of %s stand beside published ones, each with its source', (kind) => {
    expect(PUBLISHED[kind].length).toBeGreaterThan(1);
    for (const { figure, source } of PUBLISHED[kind]) {
      expect(figure).toMatch(/\d|seconds/);
      expect(source).not.toBe('');
    }
  });

  it('count losses as harm, and failed requests as figures', () => {
    const of = (over: Parameters<typeof period>[1]) => figuresOf(period('x', over), 12);
    expect(harm(of({}))).toEqual([]);
    expect(harm(of({ lost: 2 }))).toEqual(['2 acknowledged writes are lost']);
    expect(
      harm(
        of({
          writes: { sent: 0, failed: 0, longestGapMs: 0 },
          reads: { sent: 0, failed: 0, longestGapMs: 0 },
        }),
      ),
    ).toEqual(['the witness sent nothing, so it says nothing']);
    const page = markdown(planDrill('drain', 'crdb-2', target(), 0), '2026-06-12T10:11:12.000Z', of({}));
    expect(page).toContain('| longest gap between two writes | 1.23 s |');
    expect(page).toContain('not a part of the evolution');
  });
});
