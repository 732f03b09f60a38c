import type { PeriodReport } from '../../../app/src/contract.ts';
import { type Look, type Run, sleep, waitFor } from '../../../components/database/waiting.ts';
import type { App } from '../../lib/cluster/app.ts';
import { cliError } from '../../lib/errors.ts';
import { tellOutages } from '../../lib/report/outage.ts';
import type { Act, DrillPlan } from './kinds.ts';
import { type DrillResults, resultsOf } from './results.ts';

/** What a drill is done with. */
export interface DrillActions {
  /** Does one act on the plan's pod. */
  act(act: Act, pod: string): Promise<void>;
  /** Resolves when every node is live and every range has its copies. */
  whole(): Promise<void>;
  /** Does what must be done also when the run was aborted: acts and the app it is given work then too. */
  tidy(work: (app: App | null) => Promise<void>): Promise<void>;
}

export interface Pace {
  /** Seconds of ordinary work before the act. */
  readonly before: number;
  /** Seconds after the cluster is whole: the witness asks for what it wrote, and a reader may be 15 s behind. */
  readonly after: number;
}

export const PACE: Pace = { before: 5, after: 20 };

/**
 * Does what the plan says while the app's witness writes and reads, and returns what the witness saw. The app's report begins a new period
 * with the drill, and gets its old phase back at the end, whatever happens.
 */
export async function drill(
  plan: DrillPlan,
  app: App,
  phase: string,
  actions: DrillActions,
  run: Run,
  pace = PACE,
): Promise<DrillResults> {
  const label = labelOf(plan, phase);
  let undone = plan.undo === null;
  const undo = async () => {
    if (undone || plan.undo === null) return;
    await actions.act(plan.undo, plan.pod);
    undone = true;
  };
  const { load } = await app.mark('phase', label);
  // The witness alone is a trickle: the requests of the app's own load count too, and it is given back as it was found.
  const idle = !load.readers && !load.writers;
  try {
    if (idle) await app.load(true);
    await sleep(pace.before * 1000, run.signal);
    const start = Date.now();
    const ended = new AbortController();
    const told = tellOutages(app.report, run.say, AbortSignal.any([run.signal, ended.signal]));
    try {
      for (const act of plan.acts) await actions.act(act, plan.pod);
      if (plan.away > 0) {
        run.say(`${plan.pod} stays away for ${plan.away} s.`);
        await sleep(plan.away * 1000, run.signal);
        await undo();
      }
      await actions.whole();
      await untilServed(app, run);
    } finally {
      ended.abort();
      await told;
    }
    const recovered = (Date.now() - start) / 1000;
    run.say(`Whole again; the witness looks for everything that it wrote (${pace.after} s).`);
    await sleep(pace.after * 1000, run.signal);
    return resultsOf(await period(app, label), recovered);
  } finally {
    await actions.tidy(async (reachable) => {
      await undo().catch((error: Error) => {
        throw cliError('EVO-733', {
          pod: plan.pod,
          problem: error.message,
          command: plan.undo?.command ?? '',
        });
      });
      if (idle) await reachable?.load(false).catch(() => {});
      await reachable?.mark('phase', phase).catch(() => {});
    });
  }
}

/** Waits until the witness has written and read since: the app may find the database a little later than others do. */
async function untilServed(app: App, run: Run): Promise<void> {
  const since = Date.now();
  const look = async (): Promise<Look<true>> => {
    // Before the question: the way to the app takes time, too.
    const elapsed = Date.now() - since;
    const { writes, reads } = (await app.report()).witness;
    const gap = Math.max(writes.currentGapMs, reads.currentGapMs);
    return gap < elapsed ? { done: true } : { waiting: `no success for ${(gap / 1000).toFixed(0)} s` };
  };
  const next = `Look at the log of ${app.pod}.`;
  await waitFor(look, { what: 'answers of the app', seconds: SERVED_SECONDS, every: 0.3, next }, run);
}

const SERVED_SECONDS = 120;

/** What the drill is called on the timeline, and its period in the report of the app. */
export const labelOf = ({ kind }: Pick<DrillPlan, 'kind'>, phase: string) => `${phase}: drill ${kind}`;

/** Whether a period of the app's report is that of a drill. */
export const isDrill = (phase: string | null) => /: drill /.test(phase ?? '');

async function period(app: App, label: string): Promise<PeriodReport> {
  const { periods } = await app.report();
  const found = periods.filter(({ phase }) => phase === label).at(-1);
  // The app's memory of it ends with its process.
  if (found === undefined) throw cliError('EVO-734', { pod: app.pod });
  return found;
}
