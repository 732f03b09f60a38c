import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { testRun } from '../../../components/database/recorder.testing.ts';
import type { App } from '../../lib/cluster/app.ts';
import { period, recordingApp, target } from '../../lib/cluster/cluster.testing.ts';
import { Terminal } from '../../ui/terminal.ts';
import { type DrillActions, drill } from './drill.ts';
import { deathOf, type Kept, keep, lastOutage, reportName } from './kept.ts';
import { EXERCISES, type Kind, planDrill } from './kinds.ts';
import { drillPage } from './page.ts';
import { PUBLISHED } from './published.ts';
import { resultsOf } from './results.ts';
import { harm, markdown, showPlan } from './show.ts';

const NO_PAUSE = { before: 0, after: 0 };

function recordingActions(
  over: Partial<DrillActions> = {},
  app: App | null = null,
): DrillActions & { readonly done: string[] } {
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

  it('is measured in its own period of the report, and the phase gets its name back', async () => {
    const app = recordingApp();
    const done = recordingActions({}, app);
    const results = await drill(
      planDrill('pod-kill', 'crdb-2', target(), 0),
      app,
      'phase2',
      done,
      testRun(),
      NO_PAUSE,
    );
    expect(done.done).toEqual(['delete-now crdb-2', 'whole']);
    expect(app.marks).toEqual(['phase phase2: drill pod-kill', 'start-load', 'stop-load', 'phase phase2']);
    expect(results).toMatchObject({
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
    await drill(plan, app, 'phase2', recordingActions({}, app), testRun(), NO_PAUSE);
    expect(app.marks).toEqual(['phase phase2: drill drain', 'phase phase2']);
  });

  it('gives a lost node back before it waits for the cluster to be whole', async () => {
    const done = recordingActions();
    const plan = { ...planDrill('node-loss', 'crdb-2', target(), 5), away: 0.01 };
    await drill(plan, recordingApp(), 'phase2', done, testRun(), NO_PAUSE);
    expect(done.done).toEqual(['hold crdb-2', 'delete-now crdb-2', 'release crdb-2', 'whole']);
  });

  it('gives it back when it is cancelled, and when the cluster does not become whole', async () => {
    const run = testRun();
    const app = recordingApp();
    const done = recordingActions(
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

    const stuck = recordingActions({ whole: () => Promise.reject(new Error('2 of 3')) });
    await expect(
      drill({ ...plan, away: 0.01 }, recordingApp(), 'phase2', stuck, testRun(), NO_PAUSE),
    ).rejects.toThrow('2 of 3');
    expect(stuck.done).toEqual(['hold crdb-2', 'delete-now crdb-2', 'release crdb-2']);
  });

  it('gives the command that gives it back when it cannot', async () => {
    const refusing = recordingActions({
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

  it('has no results when the app forgot the drill', async () => {
    const app = recordingApp();
    const forgetful = { ...app, report: async () => ({ ...(await app.report()), periods: [] }) };
    const plan = planDrill('drain', 'crdb-2', target(), 0);
    await expect(
      drill(plan, forgetful, 'phase2', recordingActions(), testRun(), NO_PAUSE),
    ).rejects.toMatchObject({
      code: 'EVO-734',
    });
  });
});

describe('an outage on purpose', () => {
  const plan = planDrill('outage', 'crdb-0', target(), 0);

  it('says what it does to whom, and kills the only node without forcing it: its disk is the only copy', () => {
    expect(plan.acts.map(({ command }) => command)).toEqual([
      'kubectl -n crdb delete pod crdb-0 --grace-period=1',
    ]);
    expect(plan.harms.join(' ')).toMatch(/503 [\s\S]*Nothing that was acknowledged is lost/);
    let shown = '';
    showPlan(
      new Terminal(false, (text) => {
        shown += text;
      }),
      plan,
    );
    expect(shown).toMatch(/== Outage, on purpose =/);
    expect(shown).toContain('logins and searches are answered with 503');
  });

  it('tells when requests begin to fail and when they are answered again, and is over only then', async () => {
    const app = recordingApp();
    let start = Number.POSITIVE_INFINITY;
    // The database answers this app 1.2 s after everybody else says that it is whole.
    const dark = () => Date.now() >= start && Date.now() - start < 1200;
    const failing = {
      ...app,
      report: async () => {
        const report = await app.report();
        const at = Date.now();
        const gap = { ...report.witness.writes, currentGapMs: dark() ? at - start : 0 };
        const writes = { ...gap, failed: dark() ? Math.round((at - start) / 10) : 120 };
        return { ...report, at, witness: { ...report.witness, writes } };
      },
    };
    const said: string[] = [];
    const run = { ...testRun(), say: (line: string) => void said.push(line) };
    const act = async () => {
      start = Date.now();
    };
    const results = await drill(plan, failing, 'phase0', recordingActions({ act }, failing), run, NO_PAUSE);
    expect(results.recovered).toBeGreaterThan(1.1);
    expect(said.filter((line) => line.startsWith('Requests '))).toEqual([
      'Requests are failing.',
      expect.stringMatching(/^Requests succeed again, after about \d s\.$/),
    ]);
  });

  it('is found again by the drill at the end, and stands beside it on the card', () => {
    const folder = mkdtempSync(join(tmpdir(), 'drill-test-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    expect(lastOutage(join(folder, 'nothing'), 'uid-1')).toBeNull();
    const figures = (longestWriteGap: number, failed: number) => ({
      ...resultsOf(period('x'), 12),
      longestWriteGap,
      longestReadGap: 0.1,
      failed: { witness: 0, requests: failed },
      sent: { witness: 100, requests: 500 },
    });
    const outage = (startedAt: string, cluster: string, gap: number): Kept => ({
      kind: 'outage',
      pod: 'crdb-0',
      startedAt,
      cluster,
      nodes: 1,
      figures: figures(gap, 212),
    });
    const save = (kept: Kept) =>
      keep(folder, reportName(kept.kind, kept.startedAt), { json: JSON.stringify(kept) });
    save(outage('2026-06-12T10:00:00.000Z', 'uid-1', 30));
    save(outage('2026-06-12T11:00:00.000Z', 'uid-1', 14.21));
    // Of a cluster that went by the same name, and a file that was cut.
    save(outage('2026-06-12T12:00:00.000Z', 'uid-2', 99));
    writeFileSync(join(folder, 'drill-outage-20260612130000.json'), '{"cluster":"uid-1",');
    const before = lastOutage(folder, 'uid-1');
    expect(before?.startedAt).toBe('2026-06-12T11:00:00.000Z');
    expect(lastOutage(folder, null)).toBeNull();

    const kill = planDrill('pod-kill', 'crdb-2', target(), 0);
    const deaths = [deathOf(before as Kept), deathOf({ nodes: 3, figures: figures(0.41, 0) })];
    const page = markdown(kill, '2026-06-12T13:00:00.000Z', figures(0.41, 0), deaths);
    expect(page).toContain('| killed | the only node | one of three nodes |');
    expect(page).toContain('| longest gap | 14.2 s | 0.4 s |');
    expect(page).toContain('| failed requests | 212 of 500 | 0 of 500 |');
    const html = drillPage(kill, '2026-06-12T13:00:00.000Z', figures(0.41, 0), null, deaths);
    expect(html).toMatch(/<th>the only node<\/th><th>one of three nodes<\/th>/);
  });
});

describe('the results', () => {
  it.each(EXERCISES)('of %s stand beside published ones, each with its source', (kind) => {
    expect(PUBLISHED[kind].length).toBeGreaterThan(1);
    for (const { figure, source } of PUBLISHED[kind]) {
      expect(figure).toMatch(/\d|seconds/);
      expect(source).not.toBe('');
    }
  });

  it('count losses as harm, and failed requests as results', () => {
    const of = (over: Parameters<typeof period>[1]) => resultsOf(period('x', over), 12);
    expect(harm(of({}))).toEqual([]);
    expect(harm(of({ lost: 2 }))).toEqual(['2 acknowledged writes are lost']);
    expect(
      harm(
        of({
          writes: { sent: 0, failed: 0, longestGapMs: 0 },
          reads: { sent: 0, failed: 0, longestGapMs: 0 },
        }),
      ),
    ).toEqual(['the witness wrote nothing, so there is no proof that nothing was lost']);
    const page = markdown(planDrill('drain', 'crdb-2', target(), 0), '2026-06-12T10:11:12.000Z', of({}));
    expect(page).toContain('| longest gap between two writes | 1.23 s |');
    expect(page).toContain('not a part of the evolution');
  });
});
