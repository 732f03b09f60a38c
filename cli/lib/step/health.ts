import { shown } from '../../../components/database/backup.ts';
import { type ClusterNow, isSeen } from '../cluster/types.ts';
import { cliError } from '../errors.ts';
import type { Target } from '../phase/settings.ts';
import { find, type StackState } from '../pulumi/state.ts';

/** The reasons against a step forward, one line each. `at` is the phase that the cluster is at. */
export function healthProblems(now: ClusterNow, at: Pick<Target, 'loadEnabled'>): string[] {
  return [...databaseProblems(now), ...operatorProblems(now), ...loadProblems(now, at), ...appProblems(now)];
}

/** Those that stop a phase from being run again. Its settings may be what fixes the load, the app, and the operator. */
export function databaseProblems(now: ClusterNow): string[] {
  return [...nodeProblems(now), ...rangeProblems(now)];
}

/**
 * Those that also stop a resumed step. Starting nodes and missing copies of ranges do not: such a step waits for them.
 */
export function blocking(now: ClusterNow): string[] {
  return isSeen(now.replication) && now.replication.unavailable > 0 ? rangeProblems(now) : [];
}

function nodeProblems({ nodes }: ClusterNow): string[] {
  if (!isSeen(nodes)) return [nodes.problem];
  const { wanted, pods } = nodes;
  const count = pods.length === wanted ? [] : [`${pods.length} of ${wanted} database pods exist`];
  return [
    ...count,
    ...pods.flatMap(({ name, ready, sees, problem }) => {
      if (problem !== undefined) return [`${name} does not answer: ${problem}`];
      if (!ready) return [`${name} is not ready for SQL`];
      return sees === wanted ? [] : [`${name} sees ${sees ?? 'no'} live nodes of ${wanted}`];
    }),
  ];
}

/** The operator retries what failed, and creates no node before that. Running the phase again may fix it. */
function operatorProblems({ operator }: ClusterNow): string[] {
  return isSeen(operator) ? operator.failures.map((failure) => `the operator is stuck: ${failure}`) : [];
}

function rangeProblems({ replication }: ClusterNow): string[] {
  if (!isSeen(replication)) return [`the ranges cannot be read: ${replication.problem}`];
  const { unavailable, underReplicated, ranges } = replication;
  return [
    ...(unavailable > 0 ? [`${unavailable} of ${ranges} ranges are unavailable`] : []),
    ...(underReplicated > 0 ? [`${underReplicated} of ${ranges} ranges are under-replicated`] : []),
  ];
}

function loadProblems({ load }: ClusterNow, { loadEnabled }: Pick<Target, 'loadEnabled'>): string[] {
  if (!loadEnabled) return [];
  if (!isSeen(load)) return [`the load generator cannot be seen: ${load.problem}`];
  if (load === null) return ['the load generator does not exist'];
  return load.ready < load.wanted
    ? [`the load generator is not ready (${load.ready} of ${load.wanted})`]
    : [];
}

function appProblems({ app }: ClusterNow): string[] {
  if (!isSeen(app)) return [`the app, whose witness measures the step, does not answer: ${app.problem}`];
  const failing = Object.entries(app.readiness.checks).filter(([, { ok }]) => !ok);
  return failing.map(([name, { detail }]) => `the app is not ready, ${name}: ${detail}`);
}

/** Throws EVO-303 when the backups cannot be listed, and EVO-304 when the last one is missing. */
export function refuseBackupPlace(now: ClusterNow, states: readonly StackState[], target: Target): void {
  const last = (find(states, 'EvolutionBackup')?.outputs ?? {}) as { path?: string; destination?: string };
  const destination = shown(target.backupDestination);
  const taken = last.destination === target.backupDestination ? last.path : undefined;
  if (!isSeen(now.backups))
    throw cliError('EVO-303', { destination, problem: now.backups.problem, target: target.stack });
  if (taken !== undefined && (now.backups.latest === null || now.backups.latest < taken))
    throw cliError('EVO-304', { destination, path: taken });
}
