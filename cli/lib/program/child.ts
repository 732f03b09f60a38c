import { dirname } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import type { MockMonitor } from '@pulumi/pulumi/runtime/mocks.js';
import { getMonitor } from '@pulumi/pulumi/runtime/settings.js';
import { Recorder } from './recorder.ts';
import type { Evaluation } from './resources.ts';
import type { Settings } from './settings.ts';

/** The request of the parent, and its answer. */
export interface Job {
  /** File with the program. */
  readonly program: string;
  /** Whether an error names its place in the sources, which is slow. */
  readonly traced: boolean;
  readonly stacks: readonly { readonly stack: string; readonly settings: Settings }[];
}

export type Answer = { readonly evaluations: readonly Evaluation[] } | { readonly failure: Failure };

export interface Failure {
  readonly message: string;
  /** true for a mistake of the user's, which the message explains; false for one of the program's. */
  readonly expected: boolean;
}

// Pulumi keeps the state of a run in globals: one program at a time, and in a process that does nothing else.
process.once('message', (job: Job) => {
  evaluateAll(job).then((evaluations) => answer({ evaluations }), fail);
});
// The parent has ended, so nothing reads the answer.
process.once('disconnect', () => process.exit());
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

async function evaluateAll({ program, stacks, traced }: Job): Promise<Evaluation[]> {
  // Pulumi asks for the stack at each promise: to find its place in the sources every time takes as long as the program itself.
  process.setSourceMapsEnabled(traced);
  const evaluations: Evaluation[] = [];
  for (const { stack, settings } of stacks) evaluations.push(await evaluate(program, stack, settings));
  return evaluations;
}

async function evaluate(program: string, stack: string, settings: Settings): Promise<Evaluation> {
  const recorder = new Recorder();
  // `true`: as in a preview, where what only a run can tell is unknown.
  await pulumi.runtime.setMocks(recorder.mocks, settings.project, stack, true);
  recorder.attach(getMonitor() as unknown as MockMonitor);
  pulumi.runtime.setAllConfig({ ...settings.config }, [...settings.secretKeys]);
  forgetProgram();
  await pulumi.runtime.runInPulumiStack(async () => require(program));
  await pulumi.runtime.disconnect();
  return { stack, resources: recorder.resources, outputs: recorder.outputs };
}

/** A program runs while it is loaded. So it is loaded again for each stack, with all of its modules, but not its libraries. */
function forgetProgram(): void {
  for (const id of Object.keys(require.cache))
    if (!id.includes('node_modules') && dirname(id) !== __dirname) delete require.cache[id];
}

function fail(error: unknown): void {
  const expected = pulumi.RunError.isInstance(error);
  const { message = String(error), stack = message } = error as Partial<Error>;
  answer({ failure: { message: expected ? message : stack, expected } });
}

/** The first answer counts: one failure often brings others. */
let answered = false;
function answer(what: Answer): void {
  if (answered) return;
  answered = true;
  process.send?.(what, () => process.exit());
}
