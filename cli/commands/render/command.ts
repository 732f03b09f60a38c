import { join } from 'node:path';
import type { Command } from 'commander';
import { PROJECT } from '../../lib/program/evaluate.ts';
import { runCommand } from '../run-command.ts';
import type { RenderOptions } from './render.ts';

export function addRender(program: Command): void {
  program
    .command('render')
    .description('write the objects of the program as plain YAML, to read and to `kubectl apply -k`')
    .option('--phase <stack>', 'only this stack, with a base and an operator of its own')
    .option(
      '--out <folder>',
      'the folder that gets operator, base, and a folder for each phase',
      join(PROJECT, 'k8s'),
    )
    .option('--check', 'write nothing; exit code 1 if the files differ from what the program makes')
    .action((options: RenderOptions) => {
      const interrupted = { state: 'Some folders may be written already', command: 'npm run render' };
      return runCommand({ interrupted }, async () => {
        // It knows the operator's part of the program, and with it all of Pulumi, which takes a second to load.
        const { render } = await import('./render.ts');
        return render(options);
      });
    });
}
