import type { Terminal } from '../../ui/terminal.ts';
import { cliError } from '../errors.ts';
import { findPhase } from '../phase/find.ts';
import { readPhases, type Target } from '../phase/settings.ts';
import { PROJECT } from '../program/evaluate.ts';
import { findCli } from './find.ts';
import { owners } from './ownership.ts';
import { checkPassphrase, requirePassphrase } from './passphrase.ts';
import { refuseRenamed } from './renamed.ts';
import { Pulumi, problemOf } from './run.ts';
import { readStates } from './stacks.ts';

/** Throws EVO-101 without a CLI, and EVO-102 without a passphrase. */
export function openPulumi(terminal: Terminal, directory: string = PROJECT): Pulumi {
  requirePassphrase(directory);
  return new Pulumi(findCli(directory), directory, terminal);
}

/** The stack that owns the cluster's resources; null when none does. Throws EVO-101, EVO-102, EVO-105, EVO-209 and EVO-402. */
export async function ownerOf(terminal: Terminal, directory: string = PROJECT): Promise<string | null> {
  const phases = readPhases(directory);
  const names = phases.map(({ stack }) => stack);
  const pulumi = openPulumi(terminal, directory);
  const owner = owners(await readStates(pulumi, names))[0]?.stack;
  if (owner === undefined) await refuseRenamed(pulumi, phases);
  return owner ?? null;
}

/** The phase that was named, or else the one whose stack owns the cluster. Throws EVO-103, EVO-701, and as `ownerOf`. */
export async function chooseTarget(
  name: string | undefined,
  command: string,
  terminal: Terminal,
  directory: string = PROJECT,
): Promise<Target> {
  const phases = readPhases(directory);
  const chosen = name ?? (await ownerOf(terminal, directory));
  if (chosen === null) throw cliError('EVO-701', {});
  return findPhase(phases, chosen, command);
}

/** The passphrase of the backups, from the stack's settings; undefined when they are not encrypted. Never printed. */
export async function backupPassphrase(
  target: Target,
  terminal: Terminal,
  directory: string = PROJECT,
): Promise<string | undefined> {
  if (!target.backupEncrypted) return undefined;
  await checkPassphrase(directory);
  const args = ['config', 'get', 'backupPassphrase', '--stack', target.stack];
  const pulumi = openPulumi(terminal, directory);
  const result = await pulumi.run(args);
  if (result.code === 0) return result.stdout.replace(/\n$/, '');
  throw cliError('EVO-703', {
    key: 'backupPassphrase',
    stack: target.stack,
    problem: problemOf(result),
    command: pulumi.text(args),
  });
}
