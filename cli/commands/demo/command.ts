import type { Command } from 'commander';
import { cliError } from '../../lib/errors.ts';
import { PROJECT } from '../../lib/program/evaluate.ts';
import { terminalFor } from '../../ui/output.ts';
import { runCommand } from '../run-command.ts';
import { demo } from './demo.ts';
import { demoCommand } from './plan.ts';
import { currentContext } from './surroundings.ts';

interface Flags {
  readonly context?: string | true;
  readonly image?: string;
  readonly yes?: boolean;
  readonly color: boolean;
}

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description(
      'from nothing to phase 0 on this machine: a kind cluster, the image of the app, and `pulumi up`',
    )
    .option(
      '--context [name]',
      'use a cluster that is there instead of making one; without a name, the current context',
    )
    .option(
      '--image <name>',
      'an image of the sample app that the cluster can pull, instead of building and loading one',
    )
    .option('--yes', 'ask nothing')
    .option('--no-color', 'plain text')
    .action(({ context, image, yes, color }: Flags) => {
      const terminal = terminalFor({ color });
      const wish = { context: context === true ? undefined : context, image, ask: !yes };
      const interrupted = { state: 'What was done before stays', command: demoCommand(wish) };
      return runCommand({ interrupted }, () => {
        const named = context === true ? currentContext() : context;
        if (context === true && named === undefined)
          throw cliError('EVO-302', { problem: 'the kubeconfig has no current context' });
        return demo({ context: named, image, ask: !yes, directory: PROJECT }, terminal);
      });
    });
}
