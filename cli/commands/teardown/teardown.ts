import { dirname, join, relative } from 'node:path';
import { CLUSTER } from '../../../components/names.ts';
import { CliError, cliError } from '../../lib/errors.ts';
import { makeFolder } from '../../lib/machine/folders.ts';
import { readPhases } from '../../lib/phase/settings.ts';
import { PROJECT } from '../../lib/program/evaluate.ts';
import { readSettings } from '../../lib/program/settings.ts';
import { stateFolder } from '../../lib/pulumi/backend.ts';
import { findCli } from '../../lib/pulumi/find.ts';
import { owners } from '../../lib/pulumi/ownership.ts';
import { checkPassphrase } from '../../lib/pulumi/passphrase.ts';
import { refuseRenamed } from '../../lib/pulumi/renamed.ts';
import { awaitOrphan, clearLocks, dedupe } from '../../lib/pulumi/repair.ts';
import { heldByAnother, Pulumi, problemOf } from '../../lib/pulumi/run.ts';
import { readStates } from '../../lib/pulumi/stacks.ts';
import { movable, type StackState } from '../../lib/pulumi/state.ts';
import { kubernetesLease } from '../../lib/step/kubernetes-lease.ts';
import { type Lock, takeLock } from '../../lib/step/lock.ts';
import { ask } from '../../ui/prompt.ts';
import { listenForStop, type Stop } from '../../ui/stop.ts';
import type { Terminal } from '../../ui/terminal.ts';
import { keepBackups } from './backups.ts';

export interface TeardownOptions {
  /** The cluster's name, typed beforehand: for scripts. */
  readonly name: string | undefined;
  readonly withoutBackups: boolean;
  readonly out: NodeJS.WriteStream;
}

const COMMAND = 'npm run teardown';

/** Deletes everything that the stacks own, after the user has typed the cluster's name. Backups are kept. Throws a CliError. */
export async function teardown(options: TeardownOptions, terminal: Terminal): Promise<void> {
  await checkPassphrase(PROJECT);
  const stop = listenForStop();
  const phases = readPhases();
  const [first] = phases;
  if (first === undefined) throw cliError('EVO-601', {});
  const position = { state: 'Nothing was changed' };
  let lock: Lock | undefined;
  try {
    lock = await takeLock(kubernetesLease(first), {
      directory: PROJECT,
      command: COMMAND,
      signal: stop.signal,
      say: (line) => terminal.warning(line),
    });
    const session = { interrupts: stop.interrupts, onChild: lock.working };
    const pulumi = new Pulumi(findCli(PROJECT), PROJECT, terminal, session);
    await awaitOrphan(lock.orphan, terminal, stop.signal);
    const { project } = readSettings(PROJECT, first.stack);
    await clearLocks(pulumi, terminal, stateFolder(PROJECT), project, lock.takenOver, stop.signal);
    const names = phases.map(({ stack }) => stack);
    let states = await readStates(pulumi, names);
    const owner = owners(states)[0];
    if (owner === undefined) await refuseRenamed(pulumi, phases);
    if (owner === undefined) throw cliError('EVO-601', {});
    if (await dedupe(pulumi, terminal, states, owner.stack)) states = await readStates(pulumi, names);

    for (const state of owners(states)) {
      const target = phases.find(({ stack }) => stack === state.stack);
      if (target === undefined) continue;
      const name = `${target.namespaces.database}/${CLUSTER}`;
      await confirm(name, state, options, terminal, stop);
      // A cluster that never existed, or is gone, has no backups.
      const hasCluster = state.resources.some(({ type }) => type.endsWith(':CrdbCluster'));
      if (hasCluster && !options.withoutBackups) {
        const stamp = new Date().toISOString().replace(/[:.]/g, '-').slice(0, 19);
        await keepBackups(
          target,
          relative(process.cwd(), join(PROJECT, 'backups', `${target.namespaces.database}-${stamp}`)),
          terminal,
        );
      }
      stop.signal.throwIfAborted();
      position.state = 'A part was deleted; the rest is in the state';
      await destroy(pulumi, state, options, stop);
      terminal.good(`Everything that ${state.stack} owned was deleted.`);
    }
  } catch (error) {
    if (stop.signal.aborted && !(error instanceof CliError))
      throw cliError('EVO-505', { state: position.state, command: COMMAND }, stop.exitCode);
    throw error;
  } finally {
    await lock?.release();
    stop.end();
  }
}

async function confirm(
  name: string,
  state: StackState,
  options: TeardownOptions,
  terminal: Terminal,
  stop: Stop,
): Promise<void> {
  terminal.warning(
    `This deletes the cluster ${name} with its data and disks, the load, the app and their namespaces: ${movable(state).length} resources of ${state.stack}.`,
  );
  if (options.name === undefined && !process.stdin.isTTY)
    throw cliError('EVO-104', { command: `${COMMAND} -- --name ${name}` });
  const typed = options.name ?? (await ask(`Type the name of the cluster to continue (${name}): `, stop));
  stop.signal.throwIfAborted();
  if (typed !== name) throw cliError('EVO-602', { typed, name });
}

async function destroy(
  pulumi: Pulumi,
  state: StackState,
  { out }: TeardownOptions,
  stop: Stop,
): Promise<void> {
  const { stack } = state;
  const log = join(PROJECT, 'reports', 'teardown.log');
  makeFolder(dirname(log));
  if (state.resources.some(({ protect }) => protect)) {
    const freed = await pulumi.run(['state', 'unprotect', '--all', '--yes', '--stack', stack]);
    if (freed.code !== 0)
      throw heldByAnother(freed) ?? cliError('EVO-604', { problem: problemOf(freed), log: 'none' });
  }
  const result = await pulumi.run(['destroy', '--yes', '--skip-preview', '-s', stack], {
    onText: (text) => out.write(text),
    log,
    interruptible: true,
  });
  stop.signal.throwIfAborted();
  if (result.code !== 0)
    throw heldByAnother(result) ?? cliError('EVO-604', { problem: problemOf(result), log });
}
