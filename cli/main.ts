import { Command, CommanderError } from 'commander';
import manifest from '../package.json';
import { addBackup } from './backup/command.ts';
import { addCheck } from './check/command.ts';
import { addDemo } from './demo/command.ts';
import { addDiff } from './diff/command.ts';
import { addDoctor } from './doctor/command.ts';
import { addDrill } from './drill/command.ts';
import { addEvolve } from './evolve/command.ts';
import { addHandover } from './handover/command.ts';
import { addRehearse } from './rehearse/command.ts';
import { addRender } from './render/command.ts';
import { addRestoreCheck } from './restore-check/command.ts';
import { addStatus } from './status/command.ts';
import { addTeardown } from './teardown/command.ts';

const program = new Command('crdb-evolution').description(manifest.description).version(manifest.version);
addRehearse(program);
addDiff(program);
addRender(program);
addEvolve(program);
addHandover(program);
addTeardown(program);
addBackup(program);
addCheck(program);
addRestoreCheck(program);
addStatus(program);
addDrill(program);
addDemo(program);
addDoctor(program);

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
