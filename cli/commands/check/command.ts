import type { Command } from 'commander';
import { findings } from '../../lib/cluster/findings.ts';
import { inspectForVerdict } from '../../lib/cluster/inspect.ts';
import { chooseTarget } from '../../lib/pulumi/choose.ts';
import { printJson, terminalFor } from '../../ui/output.ts';
import { runCommand } from '../run-command.ts';
import { showFindings } from './show.ts';

interface Flags {
  readonly json?: boolean;
  readonly color: boolean;
}

export function addCheck(program: Command): void {
  program
    .command('check')
    .description('whether each part of the cluster is as its phase asks for; exit code 0 only if all are')
    .argument('[phase]', 'e.g. phase1; by default the one whose stack owns the cluster')
    .option('--json', 'the findings as JSON')
    .option('--no-color', 'plain text')
    .action((phase: string | undefined, { json, color }: Flags) => {
      const terminal = terminalFor({ color, json });
      const interrupted = { state: 'Nothing was changed: a check only looks', command: 'npm run check' };
      return runCommand({ json, interrupted }, async () => {
        const target = await chooseTarget(phase, 'check', terminal);
        const say = (line: string) => terminal.quiet(line);
        const found = findings(await inspectForVerdict(target, say), target);
        const ok = found.every((finding) => finding.ok);
        if (json) printJson({ phase: target.stack, ok, findings: found });
        else showFindings(terminal, target, found);
        return ok ? 0 : 1;
      });
    });
}
