import { MANAGED_BY } from '../../../components/names.ts';
import type { Stop } from '../../ui/stop.ts';
import type { Terminal } from '../../ui/terminal.ts';
import { look } from '../cluster/inspect.ts';
import type { ClusterNow } from '../cluster/types.ts';
import { CliError, cliError } from '../errors.ts';
import { findPhase } from '../phase/find.ts';
import { readPhases, requireSettings, type Target } from '../phase/settings.ts';
import { readSettings } from '../program/settings.ts';
import { stateFolder } from '../pulumi/backend.ts';
import { owners } from '../pulumi/ownership.ts';
import { refuseRenamed } from '../pulumi/renamed.ts';
import { awaitOrphan, clearLocks, dedupe } from '../pulumi/repair.ts';
import type { Pulumi, Session } from '../pulumi/run.ts';
import { readStates } from '../pulumi/stacks.ts';
import type { StackState } from '../pulumi/state.ts';
import { type Dependencies, REAL_DEPENDENCIES } from './dependencies.ts';
import { blocking, databaseProblems, healthProblems, refuseBackupPlace } from './health.ts';
import { type Lock, takeLock } from './lock.ts';
import { driftedSettings, type Facts, type Plan, plan } from './plan.ts';
import { scratchState } from './scratch.ts';

export interface BeginOptions {
  readonly target: string;
  readonly command: 'evolve' | 'handover';
  readonly skip: boolean;
  /** Whether everything is done on a copy of the state. */
  readonly dryRun: boolean;
}

/** A step that passed the check. */
export interface Step {
  readonly pulumi: Pulumi;
  readonly target: Target;
  readonly plan: Plan;
  readonly states: readonly StackState[];
  /** Releases the lock, and removes the copy of a dry run. */
  end(): Promise<void>;
}

const HEALTH_LOOKS = 4;
const HEALTH_MS = 5000;

/** The check: reads the state and the cluster, repairs what a killed run left behind, and throws when the step is not allowed. */
export async function begin(
  options: BeginOptions,
  terminal: Terminal,
  stop: Stop,
  dependencies: Dependencies = REAL_DEPENDENCIES,
): Promise<Step> {
  const { directory, machine } = dependencies;
  const phases = readPhases(directory);
  const target = findPhase(phases, options.target, options.command);
  // The preview would refuse them too, but only after the hand-over.
  requireSettings(target.stack, directory);
  const session: Session = { interrupts: stop.interrupts };
  const own = dependencies.openPulumi(terminal, session);
  const { project } = readSettings(directory, target.stack);
  const command = `npm run ${options.command} -- ${target.stack}`;

  const ends: (() => void | Promise<void>)[] = [];
  const end = async () => {
    for (const close of ends.splice(0).reverse()) await close();
  };
  try {
    const lock: Lock = await takeLock(dependencies.leaseFor(target), {
      directory,
      command,
      machine,
      signal: stop.signal,
      say: (line) => terminal.warning(line),
    });
    session.onChild = lock.working;
    ends.push(lock.release);
    await awaitOrphan(lock.orphan, terminal, stop.signal, machine);
    const folder = stateFolder(directory);
    await clearLocks(own, terminal, folder, project, lock.takenOver, stop.signal, machine);
    const names = phases.map(({ stack }) => stack);
    let states = await readStates(own, names);
    let pulumi = own;
    if (options.dryRun) {
      const scratch = await scratchState(
        own,
        folder,
        states.map(({ stack }) => stack),
        target.stack,
      );
      ends.push(scratch.remove);
      pulumi = scratch.pulumi;
    }
    if (await dedupe(pulumi, terminal, states, target.stack)) states = await readStates(pulumi, names);
    stop.signal.throwIfAborted();

    if (owners(states).length === 0) await refuseRenamed(own, phases);
    const cluster = await askCluster(target, dependencies);
    const found = plan({ phases, target, states, ...cluster }, options);
    if (found.kind !== 'fresh') {
      warnAboutDrift(directory, found.owner, target.stack, terminal);
      await checkHealth(target, found, states, terminal, stop, dependencies);
    }
    return { pulumi, target, plan: found, states, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** `spec.nodes` of the CrdbCluster, or null, and who made it. Throws EVO-302. */
async function askCluster(
  target: Target,
  dependencies: Dependencies,
): Promise<Pick<Facts, 'clusterNodes' | 'byKustomize'>> {
  try {
    return await dependencies.withCluster(target, async ({ kubernetes }) => {
      const cluster = await kubernetes.cluster();
      const byKustomize = cluster?.metadata?.labels?.[MANAGED_BY.label] === MANAGED_BY.kustomize;
      return { clusterNodes: cluster?.spec.nodes ?? null, byKustomize };
    });
  } catch (error) {
    throw unreachable(error as Error);
  }
}

async function checkHealth(
  target: Target,
  found: Exclude<Plan, { kind: 'fresh' }>,
  states: readonly StackState[],
  terminal: Terminal,
  stop: Stop,
  dependencies: Dependencies,
): Promise<void> {
  const resumes = found.kind === 'resume';
  for (let looks = 1; ; looks++) {
    const now = await lookAt(target, dependencies);
    const problems = healthProblems(now, found.at);
    const stopping = { forward: problems, again: databaseProblems(now), resume: blocking(now) }[found.kind];
    if (looks === 1 && resumes) for (const line of found.unfinished) terminal.warning(`Resuming: ${line}.`);
    if (stopping.length === 0) {
      for (const line of problems) terminal.quiet(`Now: ${line}.`);
      if (!resumes) refuseBackupPlace(now, states, target);
      return;
    }
    if (looks === HEALTH_LOOKS)
      throw cliError('EVO-301', { problems: stopping.join('; '), at: found.at.stack });
    terminal.quiet(`Not healthy yet: ${stopping.join('; ')}. Checking again ...`);
    await new Promise((resolve) => setTimeout(resolve, HEALTH_MS));
    stop.signal.throwIfAborted();
  }
}

async function lookAt(target: Target, dependencies: Dependencies): Promise<ClusterNow> {
  try {
    return await dependencies.withCluster(target, (clients) => look(target, clients));
  } catch (error) {
    throw unreachable(error as Error);
  }
}

function unreachable(error: Error): Error {
  // Errors with a code, and the user's Ctrl-C, are kept as they are.
  if (error instanceof CliError || /^Cancelled/.test(error.message)) return error;
  return cliError('EVO-302', { problem: error.message });
}

function warnAboutDrift(directory: string, owner: string, target: string, terminal: Terminal): void {
  if (owner === target) return;
  const config = (stack: string) => readSettings(directory, stack).config;
  for (const line of driftedSettings(config(owner), config(target), { owner, target }))
    terminal.warning(line);
}
