import { CliError, cliError } from '../../lib/errors.ts';
import { handOver, movesTo } from '../../lib/pulumi/hand-over.ts';
import { begin, type Step } from '../../lib/step/begin.ts';
import { type Dependencies, REAL_DEPENDENCIES } from '../../lib/step/dependencies.ts';
import type { Terminal } from '../../ui/terminal.ts';

/** What is true when it is interrupted, and what goes on from there. */
export const interruptedHandover = (target: string) => ({
  state: 'Nothing in the cluster was changed',
  command: `npm run handover -- ${target}`,
});

/** The check and the hand-over, and nothing more. Throws a CliError. */
export async function handover(
  name: string,
  skip: boolean,
  terminal: Terminal,
  dependencies: Dependencies = REAL_DEPENDENCIES,
): Promise<void> {
  await dependencies.checkPassphrase();
  const stop = dependencies.listenForStop();
  let step: Step | undefined;
  try {
    step = await begin(
      { target: name, command: 'handover', skip, dryRun: false },
      terminal,
      stop,
      dependencies,
    );
    const moves = movesTo(step.states, name);
    await handOver(step.pulumi, step.states, name);
    const moved = moves.map(({ from, count }) => `${count} resources from ${from}`).join(', ');
    terminal.good(
      moved === '' ? `${name} owns everything there is.` : `${name} owns the cluster now: ${moved}.`,
    );
    terminal.line('Now, as you like:');
    for (const verbOf of ['preview --diff', 'up'])
      terminal.line(`  ${step.pulumi.text([...verbOf.split(' '), '-s', name])}`);
  } catch (error) {
    if (stop.signal.aborted && !(error instanceof CliError && error.code === 'EVO-505'))
      throw cliError('EVO-505', interruptedHandover(name), stop.exitCode);
    throw error;
  } finally {
    await step?.end();
    stop.end();
  }
}
