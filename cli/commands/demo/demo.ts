import { OPERATOR_NAMESPACE } from '../../../components/names.ts';
import { withCluster } from '../../lib/cluster/inspect.ts';
import { type Machine, thisMachine } from '../../lib/diagnosis/machine.ts';
import { install } from '../../lib/diagnosis/tools.ts';
import { cliError } from '../../lib/errors.ts';
import { readPhases, readTarget } from '../../lib/phase/settings.ts';
import { readSettings } from '../../lib/program/settings.ts';
import { ownerOf } from '../../lib/pulumi/choose.ts';
import { type Cli, findCli } from '../../lib/pulumi/find.ts';
import { checkPassphrase } from '../../lib/pulumi/passphrase.ts';
import { Pulumi } from '../../lib/pulumi/run.ts';
import { listStacks } from '../../lib/pulumi/stacks.ts';
import { mark } from '../../lib/step/witness.ts';
import { confirm } from '../../ui/confirm.ts';
import { listenForStop, type Stop } from '../../ui/stop.ts';
import type { Terminal } from '../../ui/terminal.ts';
import { type DemoPlan, demoCommand, FIRST, kindClusterOf, planDemo, typed, type Wish } from './plan.ts';
import { lookAround, runHere } from './surroundings.ts';

export interface DemoOptions extends Wish {
  /** Folder with `Pulumi.yaml`. */
  readonly directory: string;
}

/** From nothing to phase 0. Returns the exit code; throws a CliError. */
export async function demo(options: DemoOptions, terminal: Terminal): Promise<number> {
  const { directory } = options;
  await checkPassphrase(directory);
  const cli = findCli(directory);
  const owner = await ownerOf(terminal, directory);
  if (owner !== null && owner !== FIRST) throw cliError('EVO-802', { owner });
  const machine = thisMachine(directory);
  const plan = await makePlan(options, machine, new Pulumi(cli, directory, terminal));
  await requireTools(plan, machine);

  terminal.heading(`Demo: from nothing to ${FIRST}`);
  terminal.list(
    'These commands',
    plan.steps.map(({ command }) => typed(command, cli.shown)),
    '$',
  );
  terminal.line();
  await askBeforeTouching(plan, options);
  const stop = listenForStop();
  try {
    for (const step of plan.steps) await doStep(step, cli, options, terminal, stop);
  } finally {
    stop.end();
  }
  await mark(readTarget(FIRST, directory), 'phase', FIRST, terminal, { withCluster });
  await showAddresses(new Pulumi(cli, directory, terminal), terminal);
  return 0;
}

async function makePlan(options: DemoOptions, machine: Machine, pulumi: Pulumi): Promise<DemoPlan> {
  const { directory } = options;
  // Without kind there is none; whether it is needed shows in the plan.
  const clusters =
    options.context === undefined ? await machine.lines('kind', ['get', 'clusters']).catch(() => []) : [];
  const { project, config } = readSettings(directory, FIRST);
  const plan = planDemo(options, {
    kindClusters: clusters,
    stacks: await listStacks(pulumi),
    phases: readPhases(directory).map(({ stack }) => stack),
    appImage: config[`${project}:appImage`] ?? '',
  });
  if (plan === null) throw cliError('EVO-803', { context: options.context ?? '' });
  return plan;
}

async function requireTools({ tools }: DemoPlan, machine: Machine): Promise<void> {
  const asked = { docker: ['version'], kind: ['version'] };
  for (const tool of tools)
    await machine.lines(tool, asked[tool]).catch((error: Error) => {
      const next = `${install(tool, machine.platform)}; npm run doctor shows all that is missing`;
      throw cliError('EVO-801', { tool, problem: error.message, next });
    });
}

/** A cluster that is there is looked at before anything is written; one that the demo did not make is somebody's, and asked about. */
async function askBeforeTouching(
  { context, makesCluster }: DemoPlan,
  { ask, directory, ...wish }: DemoOptions,
): Promise<void> {
  if (makesCluster) return;
  const again = demoCommand({ ...wish, ask });
  const { madeByDemo, terminating } = await lookAround(context).catch((error: Error) => {
    throw cliError('EVO-302', { problem: error.message });
  });
  const { database, app, observability } = readTarget(FIRST, directory).namespaces;
  const ending = [database, app, observability, OPERATOR_NAMESPACE].filter((name) =>
    terminating.includes(name),
  );
  if (ending.length > 0) {
    const resources = ending.map((name) => `namespace/${name}`).join(' ');
    throw cliError('EVO-805', { namespaces: `Namespace ${ending.join(', ')}`, context, resources, again });
  }
  if (madeByDemo || !ask) return;
  const kind = kindClusterOf(context) === null ? 'cluster' : 'kind cluster';
  const question = `This demo did not make the ${kind} of context ${context}. It would put the operator, three namespaces and a database there. Go on?`;
  if (!(await confirm(question, again, again.includes(' -- ') ? '--yes' : '-- --yes')))
    throw cliError('EVO-704', { command: 'npm run demo -- --help' });
}

async function doStep(
  { title, command }: DemoPlan['steps'][number],
  cli: Cli,
  { directory, ...wish }: DemoOptions,
  terminal: Terminal,
  stop: Stop,
): Promise<void> {
  const again = demoCommand(wish);
  const text = typed(command, cli.shown);
  terminal.line(`\n${title}`);
  terminal.line(`$ ${text}`);
  const [name = '', ...args] = command;
  const { code, problem } = await runHere(name === 'pulumi' ? cli.file : name, args, directory, stop);
  if (stop.signal.aborted)
    throw cliError(
      'EVO-505',
      { state: `It stopped in: ${text}. What was done before stays`, command: again },
      stop.exitCode,
    );
  if (code !== 0) throw cliError('EVO-804', { command: text, problem, again });
}

async function showAddresses(pulumi: Pulumi, terminal: Terminal): Promise<void> {
  const args = ['stack', 'output', 'open', '--json', '--stack', FIRST];
  terminal.line();
  const { code, stdout } = await pulumi.run(args);
  if (code !== 0)
    throw cliError('EVO-105', { problem: `no output "open" of ${FIRST}`, command: pulumi.text(args) });
  const open = JSON.parse(stdout) as Record<string, string>;
  terminal.good(`\n${FIRST} is up. Each of these in a terminal of its own, then the address:`);
  for (const [what, command] of Object.entries(open)) {
    const port = / (\d+):\d+$/.exec(command)?.[1] ?? '';
    terminal.line(`  $ ${command}`);
    terminal.address(`    ${what}`, `http://localhost:${port}`);
  }
  terminal.line(
    `\nThe page asks for: ${pulumi.text(['stack', 'output', 'controlToken', '--show-secrets', '--stack', FIRST])}`,
  );
  terminal.line('Next: npm run status, then npm run evolve -- phase1');
}
