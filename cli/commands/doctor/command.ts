import type { Command } from 'commander';
import { OPERATOR_NAMESPACE } from '../../../components/names.ts';
import { PLATFORMS } from '../../../components/platforms.ts';
import { SETTINGS } from '../../../components/settings.ts';
import { readSome } from '../../../components/settings-check.ts';
import type { Diagnosis } from '../../lib/diagnosis/diagnosis.ts';
import { type Machine, thisMachine } from '../../lib/diagnosis/machine.ts';
import { tools } from '../../lib/diagnosis/tools.ts';
import { CliError } from '../../lib/errors.ts';
import { valuesOf } from '../../lib/phase/settings.ts';
import { PROJECT } from '../../lib/program/evaluate.ts';
import { stackNames } from '../../lib/program/settings.ts';
import { printJson, terminalFor } from '../../ui/output.ts';
import type { Terminal } from '../../ui/terminal.ts';
import { runCommand } from '../run-command.ts';
import { cluster, type Needs } from './cluster.ts';
import { licence, openSecrets, passphrase, ports } from './project.ts';
import { settings } from './settings.ts';

interface Flags {
  readonly json?: boolean;
  readonly color: boolean;
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      'what is there, what is missing, and the command to fix each; exit code 0 if nothing is missing',
    )
    .option('--json', 'the findings as JSON')
    .option('--no-color', 'plain text')
    .action(({ json, color }: Flags) => {
      const terminal = terminalFor({ color, json });
      const interrupted = { state: 'Nothing was changed: the doctor only looks', command: 'npm run doctor' };
      return runCommand({ json, interrupted }, async () => {
        const found = await diagnose(thisMachine(PROJECT), PROJECT);
        const healthy = found.every(({ state }) => state !== 'missing');
        if (json) printJson({ ok: healthy, findings: found });
        else show(terminal, found);
        return healthy ? 0 : 1;
      });
    });
}

/** Everything that the demo needs, on this machine and for the settings in `directory`. */
export async function diagnose(machine: Machine, directory: string): Promise<Diagnosis[]> {
  const stacks = stackNames(directory);
  const needs = needsOf(directory, stacks);
  const { facts, found } =
    needs === null ? { facts: null, found: [] } : await cluster(machine, needs, stacks);
  return [
    ...(await tools(machine, facts !== null)),
    await passphrase(machine),
    ...settings(directory, stacks),
    ...found,
    ...(await ports(machine)),
    licence(machine, stacks),
    ...openSecrets(machine, stacks),
  ];
}

const NEEDED = SETTINGS.pick({
  context: true,
  platform: true,
  storageClass: true,
  operatorInstall: true,
  databaseNamespace: true,
  appNamespace: true,
  observabilityNamespace: true,
  nodes: true,
  databaseCpu: true,
  databaseMemory: true,
});

/** What the stack with the most nodes asks for, of those whose settings can be read; null when none can. */
export function needsOf(directory: string, stacks: readonly string[]): Needs | null {
  const all = stacks.flatMap((stack): Needs[] => {
    try {
      const { settings } = readSome(NEEDED, valuesOf(stack, directory), stack);
      if (settings === null) return [];
      const { platform, storageClass, databaseNamespace, appNamespace, observabilityNamespace, ...rest } =
        settings;
      return [
        {
          stack,
          ...rest,
          storageClass: storageClass || PLATFORMS[platform].storageClass,
          namespaces: [databaseNamespace, appNamespace, observabilityNamespace, OPERATOR_NAMESPACE],
        },
      ];
    } catch (error) {
      // What is wrong with its file is a finding of its own.
      if (error instanceof CliError) return [];
      throw error;
    }
  });
  return all.sort((a, b) => b.nodes - a.nodes)[0] ?? null;
}

const MARKS = { ok: 'ok     ', note: 'note   ', missing: 'MISSING' } as const;

function show(terminal: Terminal, found: readonly Diagnosis[]): void {
  const width = Math.max(...found.map(({ what }) => what.length));
  for (const { what, state, detail, fix } of found) {
    const text = `${MARKS[state]}  ${what.padEnd(width)}  ${detail}`;
    if (state === 'ok') terminal.line(text);
    else if (state === 'note') terminal.warning(text);
    else terminal.bad(text);
    if (fix !== undefined) terminal.line(`${' '.repeat(width + 11)}$ ${fix}`);
  }
  const count = found.filter(({ state }) => state === 'missing').length;
  if (count === 0) terminal.good('Nothing is missing.');
  else terminal.bad(`${count} ${count === 1 ? 'thing is' : 'things are'} missing.`);
}
