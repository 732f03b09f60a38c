import { join } from 'node:path';
import type { Command } from 'commander';
import { PROJECT } from '../program/evaluate.ts';
import type { RenderOptions } from './render.ts';

export function addRender(program: Command): void {
  program
    .command('render')
    .description('write what the program makes as plain YAML, to read and to `kubectl apply`')
    .option('--phase <stack>', 'only this one; any stack will do')
    .option('--out <folder>', 'each phase becomes a folder in it', join(PROJECT, 'k8s'))
    .option('--check', 'write nothing; exit code 1 when the files are not what the program makes')
    .action(async (options: RenderOptions) => {
      // It knows the operator's part of the program, and with it all of Pulumi, which takes a second to load.
      const { render } = await import('./render.ts');
      process.exitCode = await render(options);
    });
}
