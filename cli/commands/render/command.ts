import { join } from 'node:path';
import type { Command } from 'commander';
import { PROJECT } from '../../lib/program/evaluate.ts';
import { runCommand } from '../run-command.ts';
import type { RenderOptions } from './render.ts';

export function addRender(program: Command): void {
  program
    .command('render')
    .description('write what the program makes as plain YAML, to read and to `kubectl apply`')
    .option('--phase <stack>', 'only this one; any stack will do')
    .option('--out <folder>', 'each phase becomes a folder in it', join(PROJECT, 'k8s'))
    .option('--check', 'write nothing; exit code 1 when the files are not what the program makes')
    .action((options: RenderOptions) => {
      const interrupted = { state: 'Some folders may be written already', command: 'npm run render' };
      return runCommand({ interrupted }, async () => {
        // It knows the operator's part of the program, and with it all of Pulumi, which takes a second to load.
        const { render } = await import('./render.ts');
        return render(options);
      });
    });
}
