import { CliError, cliError, errorLines } from '../lib/errors.ts';
import { ProgramError } from '../lib/program/evaluate.ts';
import { UnknownStack } from '../lib/program/settings.ts';

export interface CommandOptions {
  /** Whether errors are JSON too. @default false */
  readonly json?: boolean | undefined;
  /** What is true when the user interrupts it, and what goes on from there. */
  readonly interrupted: { readonly state: string; readonly command: string };
}

/** Does a command's work and sets the exit code: what it returns, or that of the CliError that it throws, which is shown. */
export async function runCommand(options: CommandOptions, work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (error) {
    const shown = asCliError(error, options);
    if (shown === null) throw error;
    if (options.json) console.log(JSON.stringify({ error: shown.toJSON() }, null, 2));
    else for (const line of errorLines(shown)) console.error(line);
    process.exitCode = shown.exitCode;
  }
}

/** By convention 128 plus the number of SIGINT. */
const INTERRUPTED = 130;

function asCliError(error: unknown, { interrupted }: CommandOptions): CliError | null {
  if (error instanceof CliError) return error;
  if (error instanceof UnknownStack)
    return new CliError('EVO-103', error.message.replace(/\.$/, ''), interrupted.command, 2);
  if (error instanceof ProgramError && error.expected) {
    // What the program says itself, as it does in a preview: the cause, and then what to do.
    const [cause = '', next = interrupted.command] = error.message.split('\nNext: ');
    return new CliError('EVO-208', cause.replace(/\.$/, ''), next);
  }
  // components/database/cancel.ts
  return /^Cancelled \(/.test((error as Error).message)
    ? cliError('EVO-505', interrupted, INTERRUPTED)
    : null;
}
