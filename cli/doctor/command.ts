import type { Command } from 'commander';
import { PLATFORMS, type PlatformName } from '../../components/platforms.ts';
import { PROJECT } from '../program/evaluate.ts';
import { readSettings, stackNames } from '../program/settings.ts';
import { Terminal } from '../rehearse/terminal.ts';
import { verb } from '../verb.ts';
import { cluster, type Needs } from './cluster.ts';
import type { Diagnosis } from './diagnosis.ts';
import { type Machine, thisMachine } from './machine.ts';
import { licence, openSecrets, passphrase, ports } from './project.ts';
import { tools } from './tools.ts';

interface Flags {
  readonly json?: boolean;
  readonly color: boolean;
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      'what is there, what is missing, and the command to mend each; exit code 0 if nothing is missing',
    )
    .option('--json', 'the findings as JSON')
    .option('--no-color', 'plain text')
    .action(({ json, color }: Flags) => {
      const terminal = new Terminal(color ? undefined : false);
      const interrupted = { state: 'Nothing was changed: the doctor only looks', command: 'npm run doctor' };
      return verb({ json, interrupted }, async () => {
        const found = await diagnose(thisMachine(PROJECT), PROJECT);
        const healthy = found.every(({ state }) => state !== 'missing');
        if (json) console.log(JSON.stringify({ ok: healthy, findings: found }, null, 2));
        else show(terminal, found);
        return healthy ? 0 : 1;
      });
    });
}

/** Everything that the demo needs, on this machine and for the settings in `directory`. */
export async function diagnose(machine: Machine, directory: string): Promise<Diagnosis[]> {
  const stacks = stackNames(directory);
  const { facts, found } = await cluster(machine, needsOf(directory, stacks));
  return [
    ...(await tools(machine, facts !== null)),
    passphrase(machine),
    ...found,
    ...(await ports(machine)),
    licence(machine, stacks),
    ...openSecrets(machine, stacks),
  ];
}

/** What the stack with the most nodes asks for. */
export function needsOf(directory: string, stacks: readonly string[]): Needs {
  const all = stacks.map((stack) => {
    const { project, config } = readSettings(directory, stack);
    const text = (key: string) => config[`${project}:${key}`] ?? '';
    const platform = PLATFORMS[text('platform') as PlatformName];
    return {
      stack,
      context: text('context'),
      storageClass: text('storageClass') || platform?.storageClass,
      operatorInstall: text('operatorInstall') === 'true',
      nodes: Number(text('nodes')),
      databaseCpu: text('databaseCpu'),
      databaseMemory: text('databaseMemory'),
    };
  });
  const [largest] = all.sort((a, b) => b.nodes - a.nodes);
  if (largest === undefined) throw new Error(`there is no file Pulumi.<stack>.yaml in ${directory}`);
  return largest;
}

const MARKS = { ok: 'ok     ', note: 'note   ', missing: 'MISSING' } as const;

function show(terminal: Terminal, found: readonly Diagnosis[]): void {
  const width = Math.max(...found.map(({ what }) => what.length));
  for (const { what, state, detail, mend } of found) {
    const text = `${MARKS[state]}  ${what.padEnd(width)}  ${detail}`;
    if (state === 'ok') terminal.line(text);
    else if (state === 'note') terminal.warning(text);
    else terminal.bad(text);
    if (mend !== undefined) terminal.line(`${' '.repeat(width + 11)}$ ${mend}`);
  }
  const count = found.filter(({ state }) => state === 'missing').length;
  if (count === 0) terminal.good('Nothing is missing.');
  else terminal.bad(`${count} ${count === 1 ? 'thing is' : 'things are'} missing.`);
}
