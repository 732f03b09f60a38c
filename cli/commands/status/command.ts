import type { Command } from 'commander';
import { inspect } from '../../lib/cluster/inspect.ts';
import { phaseOf } from '../../lib/cluster/phase.ts';
import { CliError, cliError } from '../../lib/errors.ts';
import { readPhases, readTarget } from '../../lib/phase/settings.ts';
import { ownerOf } from '../../lib/pulumi/choose.ts';
import { printJson, terminalFor } from '../../ui/output.ts';
import type { Terminal } from '../../ui/terminal.ts';
import { runCommand } from '../run-command.ts';
import { statusRows } from './rows.ts';

interface Flags {
  readonly json?: boolean;
  readonly color: boolean;
}

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('one screen: phase, owning stack, nodes, replication, load, app, last backup')
    .argument('[phase]', "whose settings say where the cluster is; by default the owner's")
    .option('--json', 'all of it as JSON')
    .option('--no-color', 'plain text')
    .action((phase: string | undefined, { json, color }: Flags) => {
      const terminal = terminalFor({ color, json });
      const interrupted = { state: 'Nothing was changed: this only looks', command: 'npm run status' };
      return runCommand({ json, interrupted }, () => status(phase, json ?? false, terminal));
    });
}

async function status(name: string | undefined, json: boolean, terminal: Terminal): Promise<number> {
  const phases = readPhases();
  // The cluster can be looked at without Pulumi; only the owner stays unknown then.
  const owner = await ownerOf(terminal).catch((error: unknown) => {
    if (error instanceof CliError) return { problem: `${error.message}. Next: ${error.next}` };
    throw error;
  });
  const stack = name ?? (typeof owner === 'string' ? owner : phases[0]?.stack);
  if (stack === undefined) throw cliError('EVO-701', {});
  const target = readTarget(stack);
  const now = await inspect(target);
  const phase = phaseOf(now, phases);
  // `underWay` keeps its name in the JSON: scripts may read it.
  const { reached, inProgress } = phase;
  if (json) printJson({ owner, phase: { reached, underWay: inProgress }, ...now });
  else for (const row of statusRows({ now, phase, phases, owner, target })) terminal.line(row);
  return 0;
}
