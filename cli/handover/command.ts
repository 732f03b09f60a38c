import type { Command } from 'commander';
import { Fault, fault } from '../errors.ts';
import { begin, type Step } from '../evolve/begin.ts';
import { listenForStop } from '../evolve/stop.ts';
import { handOver, movesTo } from '../pulumi/hand-over.ts';
import { Terminal } from '../rehearse/terminal.ts';
import { verb } from '../verb.ts';

interface Flags {
  readonly skip?: boolean;
  readonly color: boolean;
}

export function addHandover(program: Command): void {
  program
    .command('handover')
    .description(
      'only the check and the hand-over, for those who then type `pulumi preview` and `pulumi up` themselves',
    )
    .argument('<phase>', 'the stack that is to own the cluster, e.g. phase1')
    .option('--skip', 'leave out the phases between')
    .option('--no-color', 'plain text')
    .action(async (target: string, { skip = false, color }: Flags) => {
      const terminal = new Terminal(color ? undefined : false);
      const command = `npm run handover -- ${target}`;
      const interrupted = { state: 'Nothing in the cluster was changed', command };
      await verb({ interrupted }, () => run(target, skip, terminal, interrupted));
    });
}

async function run(
  name: string,
  skip: boolean,
  terminal: Terminal,
  interrupted: { readonly state: string; readonly command: string },
): Promise<number> {
  const stop = listenForStop();
  let step: Step | undefined;
  try {
    step = await begin({ target: name, verb: 'handover', skip, dryRun: false }, terminal, stop);
    const moves = movesTo(step.states, name);
    await handOver(step.pulumi, step.states, name);
    const moved = moves.map(({ from, count }) => `${count} resources from ${from}`).join(', ');
    terminal.good(
      moved === '' ? `${name} owns everything there is.` : `${name} owns the cluster now: ${moved}.`,
    );
    terminal.line('Now, as you like:');
    for (const verbOf of ['preview --diff', 'up'])
      terminal.line(`  ${step.pulumi.text([...verbOf.split(' '), '-s', name])}`);
    return 0;
  } catch (error) {
    if (stop.signal.aborted && !(error instanceof Fault && error.code === 'EVO-505'))
      throw fault('EVO-505', interrupted, stop.exitCode);
    throw error;
  } finally {
    step?.end();
    stop.end();
  }
}
