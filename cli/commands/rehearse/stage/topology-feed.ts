import { setTimeout as sleep } from 'node:timers/promises';
import type { Stage } from './stage.ts';

/** Between two looks. Milliseconds. */
const EVERY_MS = 2000;

/** Tells the app every two seconds what its database is made of, until `ended` or the stage's signal is aborted. Never rejects. */
export async function feedTopology({ app, demo, signal: over }: Stage, ended: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([over, ended]);
  try {
    while (!signal.aborted) {
      const began = Date.now();
      // A look that fails, while a node is away, say, is one picture less.
      const seen = await demo.topology().catch(() => null);
      if (seen !== null && !(await app.showTopology(seen))) return;
      await sleep(Math.max(100, EVERY_MS - (Date.now() - began)), undefined, { signal });
    }
  } catch {
    // When it or the app ends, the code that waits for them reports it.
  }
}
