import { Command, CommanderError } from 'commander';
import manifest from '../package.json';

type Add = (program: Command) => unknown;

/** Each command, in the order of the help. Only the one that is asked for is loaded: some bring Pulumi and Kubernetes along. */
const COMMANDS: Readonly<Record<string, () => Promise<Add>>> = {
  rehearse: async () => (await import('./commands/rehearse/command.ts')).addRehearse,
  replay: async () => (await import('./commands/replay/command.ts')).addReplay,
  diff: async () => (await import('./commands/diff/command.ts')).addDiff,
  render: async () => (await import('./commands/render/command.ts')).addRender,
  doctor: async () => (await import('./commands/doctor/command.ts')).addDoctor,
  demo: async () => (await import('./commands/demo/command.ts')).addDemo,
  stage: async () => (await import('./commands/stage/command.ts')).addStage,
  evolve: async () => (await import('./commands/evolve/command.ts')).addEvolve,
  handover: async () => (await import('./commands/handover/command.ts')).addHandover,
  status: async () => (await import('./commands/status/command.ts')).addStatus,
  check: async () => (await import('./commands/check/command.ts')).addCheck,
  backup: async () => (await import('./commands/backup/command.ts')).addBackup,
  'restore-check': async () => (await import('./commands/restore-check/command.ts')).addRestoreCheck,
  drill: async () => (await import('./commands/drill/command.ts')).addDrill,
  teardown: async () => (await import('./commands/teardown/command.ts')).addTeardown,
};

async function main(): Promise<void> {
  const program = new Command('crdb-evolution').description(manifest.description).version(manifest.version);
  const name = process.argv[2] ?? '';
  const asked = COMMANDS[name];
  // After what is wrong with the arguments.
  program.showHelpAfterError(asked === undefined ? 'Next: npm run' : `Next: npm run ${name} -- --help`);
  for (const load of asked === undefined ? Object.values(COMMANDS) : [asked]) (await load())(program);
  await program.parseAsync();
}

main().then(
  // Something may still hold the process, e.g. an input that is open: what had to be ended has been.
  () => process.exit(),
  (error) => {
    // What was wrong with the command line has been said.
    if (error instanceof CommanderError) process.exit(error.exitCode);
    console.error(error);
    process.exit(1);
  },
);
