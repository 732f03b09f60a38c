import { CliError, cliError, errorLines } from '../lib/errors.ts';
import { ProgramError } from '../lib/program/evaluate.ts';
import { UnknownStack } from '../lib/program/settings.ts';
import { printJson } from '../ui/output.ts';

/** What is true when the user interrupts a command, and the command that continues from there. */
export interface Interruption {
  readonly state: string;
  readonly command: string;
}

export interface CommandOptions {
  /** Whether errors are JSON too. @default false */
  readonly json?: boolean | undefined;
  readonly interrupted: Interruption;
}

/** Runs a command and sets the exit code: what `work` returns, or that of the CliError that it throws, which is shown. */
export async function runCommand(options: CommandOptions, work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (error) {
    const shown = asCliError(error, options.interrupted);
    if (shown === null) throw error;
    showError(shown, options.json);
    process.exitCode = shown.exitCode;
  }
}

/** The one place where an error is printed: as lines on stderr, or as JSON on stdout. */
export function showError(error: CliError, json = false): void {
  if (json) printJson({ error: error.toJSON() });
  else for (const line of errorLines(error)) console.error(line);
}

/** By convention 128 plus the number of SIGINT. */
const INTERRUPTED = 130;

/** The error to show; null for a bug of this program. */
export function asCliError(error: unknown, interrupted: Interruption): CliError | null {
  if (error instanceof CliError) return error;
  if (error instanceof UnknownStack)
    return new CliError('EVO-103', error.message.replace(/\.$/, ''), interrupted.command, 2);
  if (error instanceof ProgramError && error.expected) {
    // The program's own refusal, as in a preview: the cause, then the next step.
    const [cause = '', next = interrupted.command] = error.message.split('\nNext: ');
    return new CliError('EVO-208', cause.replace(/\.$/, ''), next);
  }
  // components/database/cancel.ts
  return /^Cancelled \(/.test((error as Error).message)
    ? cliError('EVO-505', interrupted, INTERRUPTED)
    : null;
}
