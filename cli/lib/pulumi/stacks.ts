import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cliError } from '../errors.ts';
import { heldByAnother, type Pulumi, problemOf } from './run.ts';
import { parseExport, type StackState } from './state.ts';
import { without, withoutAdoption } from './state-edit.ts';

/** Names of the project's stacks that the backend has. */
export async function listStacks(pulumi: Pulumi): Promise<string[]> {
  const result = await pulumi.run(['stack', 'ls', '--json'], { shown: false });
  if (result.code !== 0)
    throw cliError('EVO-105', { problem: problemOf(result), command: pulumi.text(['stack', 'ls']) });
  return (JSON.parse(result.stdout) as { name: string }[]).map(({ name }) => name.split('/').at(-1) ?? name);
}

/** Makes a stack that is not there yet, with the settings of its file. */
export async function makeStack(pulumi: Pulumi, stack: string): Promise<void> {
  const result = await pulumi.run(['stack', 'init', stack, '--no-select']);
  if (result.code !== 0) throw cliError('EVO-402', { stack, problem: problemOf(result) });
}

/** As text, secrets encrypted. */
export async function exportStack(pulumi: Pulumi, stack: string): Promise<string> {
  const result = await pulumi.run(['stack', 'export', '--stack', stack], { shown: false });
  if (result.code !== 0) throw cliError('EVO-402', { stack, problem: problemOf(result) });
  return result.stdout;
}

/** The state of each of these stacks that is there. */
export async function readStates(pulumi: Pulumi, stacks: readonly string[]): Promise<StackState[]> {
  const there = await listStacks(pulumi);
  const states: StackState[] = [];
  for (const stack of stacks.filter((name) => there.includes(name)))
    states.push(parseExport(stack, await exportStack(pulumi, stack)));
  return states;
}

/**
 * Takes resources out of a stack's state, and nothing out of the cluster. With none to take out, it only clears what a killed update
 * has left as pending, which is what an import does. The state from before is kept as a file until it has worked.
 */
export async function editStack(pulumi: Pulumi, stack: string, urns: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'evolution-state-'));
  const before = join(folder, `${stack}-before.json`);
  const after = join(folder, `${stack}.json`);
  const exported = await pulumi.run(['stack', 'export', '--stack', stack, '--file', before]);
  if (exported.code !== 0) throw cliError('EVO-402', { stack, problem: problemOf(exported) });
  const text = await exportStack(pulumi, stack);
  writeFileSync(after, withoutAdoption(without(text, urns)), { mode: 0o600 });
  const imported = await pulumi.run(['stack', 'import', '--stack', stack, '--file', after]);
  if (imported.code !== 0)
    throw (
      heldByAnother(imported) ?? cliError('EVO-403', { stack, problem: problemOf(imported), copy: before })
    );
  rmSync(folder, { recursive: true });
}
