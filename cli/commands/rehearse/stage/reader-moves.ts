import { setTimeout as sleep } from 'node:timers/promises';
import { cliError } from '../../../lib/errors.ts';
import type { Stage } from './stage.ts';

/** The app looks at its credentials twice a second, and tries new ones out before it moves. Milliseconds. */
const MOVE_MS = 30_000;

/** Waits until the app reads as this user. */
export async function untilReaderIs(user: string, { app, signal }: Stage): Promise<void> {
  const deadline = Date.now() + MOVE_MS;
  for (;;) {
    const seen = await app.readerDetail();
    if (seen.startsWith(`answers as ${user}`)) return;
    if (Date.now() > deadline)
      throw cliError('EVO-922', {
        problem: `it did not use its new credentials for reads within ${MOVE_MS / 1000} s. /readyz says of its reader: ${seen}`,
      });
    await sleep(200, undefined, { signal });
  }
}
