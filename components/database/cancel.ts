/** Interval of the checks whether the engine is still running, in ms. */
const ORPHAN_CHECK = 2000;

/**
 * Does work that ends early when this process gets SIGINT or SIGTERM, or when its parent process is gone: a provider must not keep waiting
 * for an engine that was killed. Once the work has ended, the signal is delivered.
 */
export async function cancellable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const parent = process.ppid;
  let received: NodeJS.Signals | undefined;
  const cancel = (signal: NodeJS.Signals, why: string) => {
    received ??= signal;
    controller.abort(new Error(`Cancelled (${why})`));
  };
  const onSignal = (signal: NodeJS.Signals) => cancel(signal, signal);
  const orphans = setInterval(() => {
    if (process.ppid !== parent) cancel('SIGTERM', 'the process that started this one has ended');
  }, ORPHAN_CHECK);
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    return await work(controller.signal);
  } finally {
    clearInterval(orphans);
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    // Later, so that the answer can still be sent.
    if (received !== undefined) setTimeout(() => process.kill(process.pid, received), 200);
  }
}
