import { cliError } from '../lib/errors.ts';
import { ask, isYes } from './prompt.ts';
import { listenForStop } from './stop.ts';

/**
 * Asks a question that yes or no answers; no when Enter alone is pressed. `command` is what was typed, which asks nothing with
 * `yes` added. Throws EVO-104 without a terminal, and EVO-505 at Ctrl-C.
 */
export async function confirm(question: string, command: string, yes = '--yes'): Promise<boolean> {
  if (!process.stdin.isTTY) throw cliError('EVO-104', { command: `${command} ${yes}` });
  const stop = listenForStop();
  try {
    return isYes(await ask(`${question} [y/N] `, stop));
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    throw cliError('EVO-505', { state: 'Nothing was changed', command }, stop.exitCode);
  } finally {
    stop.end();
  }
}
