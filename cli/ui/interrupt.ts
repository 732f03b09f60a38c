/** The user wants to end the rehearsal. */
export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super('interrupted');
    this.exitCode = exitCode;
  }
}

/** By convention 128 plus the signal's number. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Turns the signals that end a process, and an output that nobody reads any more, into an abort with an Interrupted.
 * It stays in place to the end of the process, so that an impatient second Ctrl-C does not stop the cleaning up.
 */
export function listenForInterrupts(): AbortController {
  const controller = new AbortController();
  const interrupt = (exitCode: number) => {
    if (!controller.signal.aborted) controller.abort(new Interrupted(exitCode));
  };
  for (const [signal, exitCode] of Object.entries(EXIT_CODES)) process.on(signal, () => interrupt(exitCode));
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', () => interrupt(EXIT_CODES.SIGHUP));
  return controller;
}
