import { Command } from 'commander';
import manifest from '../package.json';
import { addRehearse } from './rehearse/command.ts';

const program = new Command('crdb-evolution').description(manifest.description).version(manifest.version);
addRehearse(program);

program.parseAsync().then(
  // Something may still hold the process, e.g. an input that is open: what had to be ended has been.
  () => process.exit(),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
