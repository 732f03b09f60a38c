import type { Terminal } from '../../ui/terminal.ts';
import type { App } from '../cluster/app.ts';
import type { Target } from '../phase/settings.ts';
import { type Closing, closing } from '../report/closing.ts';
import { periodsOf, type Witnessed, witnessed } from '../report/step.ts';
import { type Stretch, stretchOf } from '../report/stretch.ts';
import type { Dependencies } from './dependencies.ts';

/** The way to the app. */
type Reach = Pick<Dependencies, 'withCluster'>;

/** Sets a mark on the app's timeline. If that fails, the step continues with a warning. */
export function mark(
  target: Target,
  kind: 'phase' | 'backup',
  label: string,
  terminal: Terminal,
  dependencies: Reach,
): Promise<void> {
  return tell(target, label, terminal, dependencies, (app) => app.mark(kind, label));
}

/** Reports the start or end of the step to the app, whose metrics silence the alerts that a step causes. */
export function markStep(
  target: Target,
  state: 'begin' | 'end',
  terminal: Terminal,
  dependencies: Reach,
): Promise<void> {
  return tell(target, `step to ${target.stack}`, terminal, dependencies, (app) =>
    app.step(target.stack, state),
  );
}

async function tell(
  target: Target,
  label: string,
  terminal: Terminal,
  dependencies: Reach,
  work: (app: App) => Promise<unknown>,
): Promise<void> {
  try {
    await dependencies.withCluster(target, async ({ app }) => {
      const found = await app();
      if (found === null) throw new Error('it has no pod');
      await work(found);
    });
  } catch (error) {
    terminal.warning(`The app's timeline has no mark "${label}": ${(error as Error).message}`);
  }
}

/** What the app saw of a step. */
export interface Observed {
  readonly witness: Witnessed | null;
  readonly closing: Closing | null;
  /** For the charts of the report. */
  readonly stretch: Stretch | null;
}

/** What the app saw since the phase was marked; all null, with a warning, when it does not answer. `before`: the previous phase. */
export async function askApp(
  target: Target,
  phases: readonly Target[],
  before: string,
  terminal: Terminal,
  dependencies: Reach,
): Promise<Observed> {
  try {
    return await dependencies.withCluster(target, async ({ app }) => {
      const found = await app();
      if (found === null) throw new Error('the app has no pod');
      const report = await found.report();
      const begun = periodsOf(report, target.stack)[0]?.startedAt;
      return {
        witness: witnessed(report, target.stack),
        closing: closing(report, phases, target, before),
        stretch: begun === undefined ? null : await askStretch(found, { begun, ended: report.at }, terminal),
      };
    });
  } catch (error) {
    terminal.warning(`The witness did not answer: ${(error as Error).message}`);
    return { witness: null, closing: null, stretch: null };
  }
}

/** The app's metrics over time. null, with a warning, when it does not answer: a report works without its charts. */
export async function askStretch(
  app: Pick<App, 'history'>,
  when: { readonly begun: number; readonly ended: number },
  terminal: Terminal,
): Promise<Stretch | null> {
  try {
    return stretchOf(await app.history(), when);
  } catch (error) {
    terminal.warning(`The report has no charts: ${(error as Error).message}`);
    return null;
  }
}
