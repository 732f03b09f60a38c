import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answer, Job } from './child.ts';
import { operatorPlaceholder } from './operator-placeholder.ts';
import type { Evaluation } from './resources.ts';
import { readSettings, type Settings } from './settings.ts';

/** The folder with `Pulumi.yaml` and its program. */
export const PROJECT = join(__dirname, '../../..');

export interface EvaluateOptions {
  /** Folder with `Pulumi.yaml`, the stacks' files and `index.ts`. @default this project's */
  readonly directory?: string;
  /** Ends it early, with the signal's reason. @default none */
  readonly signal?: AbortSignal;
}

export interface StackOptions {
  /** Settings laid over the stack's file, by key; with them a stack needs no file. @default none */
  readonly override?: Readonly<Record<string, unknown>>;
}

/** The program refused its settings, or broke. The message is the program's own. */
export class ProgramError extends Error {
  /** true when the settings are wrong; false when the program is. */
  readonly expected: boolean;

  constructor(message: string, expected: boolean) {
    super(message);
    this.expected = expected;
  }
}

/** One stack as `evaluateAll` does it. */
export async function evaluate(
  stack: string,
  options: EvaluateOptions & StackOptions = {},
): Promise<Evaluation> {
  const [evaluation] = await evaluateAll([{ stack, ...options }], options);
  if (evaluation === undefined) throw new Error(`${stack} was not evaluated`);
  return evaluation;
}

/**
 * Runs the real program for stack after stack in its own process, with Pulumi's mocks in place of engine and providers, and gives
 * back every resource that it registers. Needs no cluster, CLI, network or passphrase: encrypted settings are placeholders, and so is
 * the operator's manifest unless the settings name a file. Throws UnknownStack and ProgramError.
 */
export async function evaluateAll(
  stacks: readonly (StackOptions & { readonly stack: string })[],
  options: EvaluateOptions = {},
): Promise<readonly Evaluation[]> {
  const directory = options.directory ?? PROJECT;
  const own = join(directory, 'index.ts');
  const program = existsSync(own) ? own : join(PROJECT, 'index.ts');
  const settings = stacks.map(({ stack, override }) => readSettings(directory, stack, override));
  const scratch = mkdtempSync(join(tmpdir(), 'crdb-evolution-evaluate-'));
  try {
    const jobs = stacks.map(({ stack }, i) => ({
      stack,
      settings: withOperator(settings[i] as Settings, join(scratch, `operator-${i}.yaml`)),
    }));
    const ask = (traced: boolean) => run({ program, stacks: jobs, traced }, options.signal);
    let answer = await ask(false);
    // A bug in the program: evaluated again for a stack trace, which is slow.
    if ('failure' in answer && !answer.failure.expected) answer = await ask(true);
    if ('failure' in answer) throw new ProgramError(answer.failure.message, answer.failure.expected);
    return answer.evaluations;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function withOperator(settings: Settings, file: string): Settings {
  const key = `${settings.project}:operatorManifest`;
  if (settings.config[key] !== '') return settings;
  writeFileSync(file, operatorPlaceholder(settings.config[`${settings.project}:cockroachVersion`] ?? ''));
  return { ...settings, config: { ...settings.config, [key]: file } };
}

function run(job: Job, signal: AbortSignal | undefined): Promise<Answer> {
  const child = fork(join(__dirname, 'start-child.cjs'), [], {
    cwd: PROJECT,
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    ...(signal === undefined ? {} : { signal }),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += String(chunk);
    });
  }
  return new Promise<Answer>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Answer));
    child.once('error', (error) => reject(signal?.aborted ? signal.reason : error));
    child.once('close', (code) =>
      reject(new ProgramError(`The program ended with ${code}.\n${output}`, false)),
    );
    child.send(job);
  });
}
