import { Command, CommanderError } from 'commander';
import manifest from '../package.json';

type Add = (program: Command) => unknown;

/** Each verb, in the order of the help. Only the one that is asked for is loaded: some bring Pulumi and Kubernetes along. */
const VERBS: Readonly<Record<string, () => Promise<Add>>> = {
  rehearse: async () => (await import('./rehearse/command.ts')).addRehearse,
  replay: async () => (await import('./replay/command.ts')).addReplay,
  diff: async () => (await import('./diff/command.ts')).addDiff,
  render: async () => (await import('./render/command.ts')).addRender,
  doctor: async () => (await import('./doctor/command.ts')).addDoctor,
  demo: async () => (await import('./demo/command.ts')).addDemo,
  stage: async () => (await import('./stage/command.ts')).addStage,
  evolve: async () => (await import('./evolve/command.ts')).addEvolve,
  handover: async () => (await import('./handover/command.ts')).addHandover,
  status: async () => (await import('./status/command.ts')).addStatus,
  check: async () => (await import('./check/command.ts')).addCheck,
  backup: async () => (await import('./backup/command.ts')).addBackup,
  'restore-check': async () => (await import('./restore-check/command.ts')).addRestoreCheck,
  drill: async () => (await import('./drill/command.ts')).addDrill,
  teardown: async () => (await import('./teardown/command.ts')).addTeardown,
};

async function main(): Promise<void> {
  const program = new Command('crdb-evolution').description(manifest.description).version(manifest.version);
  const name = process.argv[2] ?? '';
  const asked = VERBS[name];
  // After what is wrong with the arguments.
  program.showHelpAfterError(asked === undefined ? 'Next: npm run' : `Next: npm run ${name} -- --help`);
  for (const load of asked === undefined ? Object.values(VERBS) : [asked]) (await load())(program);
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
