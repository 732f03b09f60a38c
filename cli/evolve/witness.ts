import type { App } from '../cluster/app.ts';
import type { Target } from '../cluster/settings.ts';
import type { Terminal } from '../rehearse/terminal.ts';
import { type Witnessed, witnessed } from './report.ts';
import type { World } from './world.ts';

/** Through which the app is reached. */
type Reach = Pick<World, 'withCluster'>;

/** Sets a mark on the app's timeline. The step goes on without it, and says so. */
export function mark(
  target: Target,
  kind: 'phase' | 'backup',
  label: string,
  terminal: Terminal,
  world: Reach,
): Promise<void> {
  return tell(target, label, terminal, world, (app) => app.mark(kind, label));
}

/** Tells the app that the step begins or ends: its metrics keep the alerts quiet about what a step brings with it. */
export function markStep(
  target: Target,
  state: 'begin' | 'end',
  terminal: Terminal,
  world: Reach,
): Promise<void> {
  return tell(target, `step to ${target.stack}`, terminal, world, (app) => app.step(target.stack, state));
}

async function tell(
  target: Target,
  label: string,
  terminal: Terminal,
  world: Reach,
  work: (app: App) => Promise<unknown>,
): Promise<void> {
  try {
    await world.withCluster(target, async ({ app }) => {
      const found = await app();
      if (found === null) throw new Error('it has no pod');
      await work(found);
    });
  } catch (error) {
    terminal.warning(`The app's timeline has no mark "${label}": ${(error as Error).message}`);
  }
}

/** What the witness saw since the phase was marked. null when the app cannot be asked, which is said. */
export async function askWitness(
  target: Target,
  terminal: Terminal,
  world: Reach,
): Promise<Witnessed | null> {
  try {
    return await world.withCluster(target, async ({ app }) => {
      const found = await app();
      if (found === null) throw new Error('the app has no pod');
      return witnessed(await found.report(), target.stack);
    });
  } catch (error) {
    terminal.warning(`The witness cannot be asked: ${(error as Error).message}`);
    return null;
  }
}
