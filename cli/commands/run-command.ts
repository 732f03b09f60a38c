import { type Fault, Fault as FaultClass, fault, faultLines } from '../lib/errors.ts';
import { ProgramError } from '../lib/program/evaluate.ts';
import { UnknownStack } from '../lib/program/settings.ts';

export interface VerbOptions {
  /** Whether errors are JSON too. @default false */
  readonly json?: boolean | undefined;
  /** What is true when the user interrupts it, and what goes on from there. */
  readonly interrupted: { readonly state: string; readonly command: string };
}

/** Does a verb's work and sets the exit code: what it returns, or that of the fault that it throws, which is shown. */
export async function verb(options: VerbOptions, work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (error) {
    const shown = asFault(error, options);
    if (shown === null) throw error;
    if (options.json) console.log(JSON.stringify({ error: shown.toJSON() }, null, 2));
    else for (const line of faultLines(shown)) console.error(line);
    process.exitCode = shown.exitCode;
  }
}

/** By convention 128 plus the number of SIGINT. */
const INTERRUPTED = 130;

function asFault(error: unknown, { interrupted }: VerbOptions): Fault | null {
  if (error instanceof FaultClass) return error;
  if (error instanceof UnknownStack)
    return new FaultClass('EVO-103', error.message.replace(/\.$/, ''), interrupted.command, 2);
  if (error instanceof ProgramError && error.expected) {
    // What the program says itself, as it does in a preview: the cause, and then what to do.
    const [cause = '', next = interrupted.command] = error.message.split('\nNext: ');
    return new FaultClass('EVO-208', cause.replace(/\.$/, ''), next);
  }
  // components/database/cancel.ts
  return /^Cancelled \(/.test((error as Error).message) ? fault('EVO-505', interrupted, INTERRUPTED) : null;
}
