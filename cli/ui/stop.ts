/** The reason of an abort by the user. */
export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super('interrupted');
    this.exitCode = exitCode;
  }
}

/** Called when the user presses Ctrl-C. */
export type Interrupts = Set<() => void>;

/**
 * One press of Ctrl-C may arrive more than once: from the terminal, and again as each database connection closes because of it. Only a
 * later press is passed on again, and makes Pulumi stop at once.
 */
const SAME_MS = 20_000;

export interface Stop {
  /** Aborted with an Interrupted. */
  readonly signal: AbortSignal;
  readonly interrupts: Interrupts;
  /** 128 plus the number of the signal. */
  readonly exitCode: number;
  /** Acts as if Ctrl-C had been pressed. */
  press(): void;
  end(): void;
}

const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Handles Ctrl-C and similar signals: passes them on to child processes, and keeps this process running, to report their outcome.
 * `withOutput`: a closed output pipe counts as an interrupt too.
 */
export function listenForStop({ withOutput = false } = {}): Stop {
  const controller = new AbortController();
  const interrupts: Interrupts = new Set();
  let last = 0;
  let exitCode = 0;
  const press = (code: number) => {
    if (Date.now() - last < SAME_MS) return;
    last = Date.now();
    exitCode ||= code;
    controller.abort(new Interrupted(code));
    for (const interrupt of interrupts) interrupt();
  };
  const listeners = Object.entries(SIGNALS).map(([name, code]) => [name, () => press(code)] as const);
  for (const [name, listener] of listeners) process.on(name, listener);
  const onBrokenOutput = () => press(SIGNALS.SIGHUP);
  const streams = withOutput ? [process.stdout, process.stderr] : [];
  for (const stream of streams) stream.on('error', onBrokenOutput);
  return {
    signal: controller.signal,
    interrupts,
    get exitCode() {
      return exitCode;
    },
    press: () => press(SIGNALS.SIGINT),
    end: () => {
      for (const [name, listener] of listeners) process.off(name, listener);
      for (const stream of streams) stream.off('error', onBrokenOutput);
    },
  };
}
