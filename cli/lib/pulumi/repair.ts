import type { Terminal } from '../../ui/terminal.ts';
import { cliError } from '../errors.ts';
import { lockState, readLocks, type StackLock } from './backend.ts';
import { duplicates } from './ownership.ts';
import { type Machine, THIS_MACHINE } from './processes.ts';
import { type Pulumi, problemOf } from './run.ts';
import { editStack } from './stacks.ts';
import { nameOf, type StackState } from './state.ts';

const WAIT_MS = 1000;

/** Waits for a command that a killed run has left behind, still at work. */
export async function awaitOrphan(
  pid: number | undefined,
  terminal: Terminal,
  signal: AbortSignal,
  machine: Machine = THIS_MACHINE,
): Promise<void> {
  if (pid === undefined) return;
  terminal.warning(
    `An earlier run was ended, but not what it had started (process ${pid}): waiting for that.`,
  );
  while (machine.looksLike(pid, /pulumi/)) {
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    signal.throwIfAborted();
  }
}

/**
 * Sees to Pulumi's own locks: those of processes that are gone are removed. One that is held is waited for if `isOurs`, which means
 * that a killed evolution has left its update behind, still at work; otherwise it is somebody else's. Throws EVO-205 and EVO-206.
 */
export async function clearLocks(
  pulumi: Pulumi,
  terminal: Terminal,
  folder: string | undefined,
  project: string,
  isOurs: boolean,
  signal: AbortSignal,
  machine: Machine = THIS_MACHINE,
): Promise<void> {
  if (folder === undefined) return;
  let said = false;
  for (;;) {
    const locks = readLocks(folder, project).map((lock) => ({ lock, state: lockState(lock, machine) }));
    const elsewhere = locks.find(({ state }) => state === 'elsewhere')?.lock;
    if (elsewhere !== undefined)
      throw cliError('EVO-206', {
        who: holder(elsewhere),
        next: `Look there: ps -p ${elsewhere.pid}. As long as it runs, let it end. Only if it is gone: ${pulumi.text(['cancel', elsewhere.stack, '--yes'])}`,
      });
    const held = locks.find(({ state }) => state === 'held')?.lock;
    if (held === undefined) {
      const stale = new Set(locks.map(({ lock }) => lock.stack));
      for (const stack of stale) {
        terminal.warning(`The lock of ${stack} is left over: its process is gone.`);
        const result = await pulumi.run(['cancel', stack, '--yes']);
        if (result.code !== 0) throw cliError('EVO-402', { stack, problem: problemOf(result) });
      }
      return;
    }
    if (!isOurs) throw cliError('EVO-205', { who: holder(held) });
    if (!said)
      terminal.warning(
        `An earlier run was ended, but not its update of ${held.stack} (process ${held.pid}): waiting for that.`,
      );
    said = true;
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    signal.throwIfAborted();
  }
}

/** Takes every resource that two stacks hold out of one of them. Returns whether there were any. */
export async function dedupe(
  pulumi: Pulumi,
  terminal: Terminal,
  states: readonly StackState[],
  wanted: string,
): Promise<boolean> {
  const found = duplicates(states, wanted);
  for (const { keep, drop, urns } of found) {
    terminal.warning(
      `${urns.length} resources are in both ${keep} and ${drop}: a hand-over was killed between its two writes. ${keep} keeps them.`,
    );
    await editStack(pulumi, drop, urns);
  }
  return found.length > 0;
}

/** Clears what a killed update has left as pending, once the stack has been brought to its end. */
export async function clearPending(
  pulumi: Pulumi,
  terminal: Terminal,
  { stack, pending }: StackState,
): Promise<void> {
  if (pending.length === 0) return;
  const names = pending.map(({ type, resource }) => `${nameOf(resource.urn)} (${type})`).join(', ');
  terminal.warning(`Left in the state of ${stack} by an update that was killed, and done by now: ${names}.`);
  await editStack(pulumi, stack, []);
}

const holder = ({ stack, pid, username, hostname, timestamp }: StackLock) =>
  `pulumi works on ${stack}, process ${pid} of ${username} on ${hostname}, since ${timestamp}`;
