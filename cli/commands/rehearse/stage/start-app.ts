import { freePortFrom } from '../../../lib/machine/ports.ts';
import { type AppOptions, AppProcess } from './app-process.ts';

/** Attempts before the app's own words are reported. */
const ATTEMPTS = 5;

/**
 * Starts the app at the wanted port, or at the next one above it that is free. Between the look at a port and the app's start, another
 * program may take it, such as a second rehearsal: then the next one is tried. `started` gets each process at once.
 */
export async function startApp(
  wanted: number,
  options: Omit<AppOptions, 'port'>,
  started: (app: AppProcess) => void,
  signal: AbortSignal,
): Promise<{ readonly app: AppProcess; readonly port: number }> {
  let port = wanted;
  for (let attempt = 1; ; attempt++) {
    port = await freePortFrom(port);
    signal.throwIfAborted();
    const app = new AppProcess({ ...options, port });
    started(app);
    if ((await app.listens(signal)) || attempt === ATTEMPTS) return { app, port };
    port += 1;
  }
}
