/** Called when the user presses Ctrl-C. */
export type Interrupts = Set<() => void>;

/**
 * One press of Ctrl-C may arrive more than once: from the terminal, and again from each database connection, when it has been closed for
 * it. Only a later one is passed on again, which makes Pulumi end at once.
 */
const SAME_MS = 20_000;

export interface Stop {
  readonly signal: AbortSignal;
  readonly interrupts: Interrupts;
  /** 128 plus the number of the signal. */
  readonly exitCode: number;
  /** As if Ctrl-C had been pressed. */
  press(): void;
  end(): void;
}

const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Ctrl-C and its like: what runs is told, and this process goes on until that has ended, to say how things are. */
export function listenForStop(): Stop {
  const controller = new AbortController();
  const interrupts: Interrupts = new Set();
  let last = 0;
  let exitCode = 0;
  const press = (code: number) => {
    if (Date.now() - last < SAME_MS) return;
    last = Date.now();
    exitCode ||= code;
    controller.abort(new Error('interrupted'));
    for (const interrupt of interrupts) interrupt();
  };
  const listeners = Object.entries(SIGNALS).map(([name, code]) => [name, () => press(code)] as const);
  for (const [name, listener] of listeners) process.on(name, listener);
  return {
    signal: controller.signal,
    interrupts,
    get exitCode() {
      return exitCode;
    },
    press: () => press(SIGNALS.SIGINT),
    end: () => {
      for (const [name, listener] of listeners) process.off(name, listener);
    },
  };
}
