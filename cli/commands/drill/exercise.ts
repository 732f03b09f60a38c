import { sleep } from '../../../components/database/waiting.ts';
import type { App } from '../../lib/cluster/app.ts';
import { findings } from '../../lib/cluster/findings.ts';
import { type ClusterClients, look, lookForVerdict } from '../../lib/cluster/inspect.ts';
import { isSeen } from '../../lib/cluster/types.ts';
import { cliError } from '../../lib/errors.ts';
import type { Target } from '../../lib/phase/settings.ts';
import { type Closing, closing } from '../../lib/report/closing.ts';
import type { Stretch } from '../../lib/report/stretch.ts';
import type { Terminal } from '../../ui/terminal.ts';
import { drillActions } from './actions.ts';
import { drill, isDrill, labelOf } from './drill.ts';
import type { DrillPlan } from './kinds.ts';
import { stretchOfDrill } from './page.ts';
import { refusal } from './refusal.ts';
import type { DrillResults } from './results.ts';

/** The load generator is started again after some tens of seconds at most. Milliseconds. */
const WELL_MS = 90_000;

export interface Exercised {
  readonly results: DrillResults;
  readonly stretch: Stretch | null;
  readonly cluster: string | null;
  /** What the whole evolution came to, at its last phase. */
  readonly evolution: Closing | null;
}

/** Looks, does what the plan says, and asks the app what it was like. Throws what refuses the drill. */
export async function exercise(
  plan: DrillPlan,
  target: Target,
  phases: readonly Target[],
  clients: ClusterClients,
  terminal: Terminal,
): Promise<Exercised> {
  // Looked at again: the question may have waited for long.
  const now = await lookForVerdict(target, clients);
  const refused = refusal(plan.kind, now, findings(now, target), target, phases);
  if (refused !== null) throw refused;
  const app = await clients.app();
  if (app === null) throw cliError('EVO-732', { problems: 'the app has no pod' });
  const marked = isSeen(now.app) ? now.app.period.phase : null;
  // A drill that was killed could not give the phase its name back.
  const phase = (marked ?? target.stack).replace(/: drill .*$/, '');
  const results = await drill(plan, app, phase, drillActions(target, clients), clients.run);
  const stretch = await stretchOfDrill(app, labelOf(plan, phase), terminal);
  const evolution = await evolutionOf(app, phases, target);
  return {
    results,
    stretch,
    evolution,
    cluster: (await clients.kubernetes.cluster())?.metadata?.uid ?? null,
  };
}

/** The evolution alone: what drills did to its nodes stands beside it. null when it is not known, as a drill's report does without it. */
async function evolutionOf(
  app: Pick<App, 'report'>,
  phases: readonly Target[],
  target: Target,
): Promise<Closing | null> {
  const report = await app.report().catch(() => null);
  if (report === null) return null;
  const steps = report.periods.filter(({ phase }) => !isDrill(phase));
  const before = phases[phases.findIndex(({ stack }) => stack === target.stack) - 1]?.stack ?? target.stack;
  return closing({ ...report, periods: steps }, phases, target, before);
}

/** After an outage the load generator and the app's readiness need a moment: the next step wants all of it well. Says what is not by then. */
export async function untilWell(target: Target, clients: ClusterClients): Promise<void> {
  const bad = async () => findings(await look(target, clients), target).filter(({ ok }) => !ok);
  clients.run.say('Waiting until all is as before, as `npm run check` sees it ...');
  const end = Date.now() + WELL_MS;
  for (;;) {
    const problems = await bad();
    if (problems.length === 0) return;
    if (Date.now() > end) {
      const text = problems.map(({ part, detail }) => `${part}: ${detail}`).join('; ');
      return clients.run.say(`Not yet: ${text}. Before the next step: npm run check`);
    }
    await sleep(3000, clients.run.signal);
  }
}
