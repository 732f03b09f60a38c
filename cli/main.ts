import { Command, CommanderError } from 'commander';
import manifest from '../package.json';
import { addDiff } from './diff/command.ts';
import { addRehearse } from './rehearse/command.ts';
import { addRender } from './render/command.ts';

const program = new Command('crdb-evolution').description(manifest.description).version(manifest.version);
addRehearse(program);
addDiff(program);
addRender(program);

program.parseAsync().then(
  // Something may still hold the process, e.g. an input that is open: what had to be ended has been.
  () => process.exit(),
  (error) => {
    // What was wrong with the command line has been said.
    if (error instanceof CommanderError) process.exit(error.exitCode);
    console.error(error);
    process.exit(1);
  },
);
