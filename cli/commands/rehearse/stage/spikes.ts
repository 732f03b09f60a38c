import { setTimeout as sleep } from 'node:timers/promises';
import type { SpikeResult } from '../../../../app/src/contract.ts';
import { cliError } from '../../../lib/errors.ts';
import type { Stage } from './stage.ts';

/** On top of the spike's own seconds: its last answers may be slow. */
const PATIENCE_MS = 30_000;

/** A spike that was started. */
export interface StartedSpike {
  /** Rejects with a CliError when it does not end in time. */
  readonly over: Promise<SpikeResult>;
}

/** Starts the stage's spike. Null when another one runs. */
export async function startSpike(stage: Stage): Promise<StartedSpike | null> {
  const before = (await results(stage)).length;
  if (!(await stage.app.startSpike(stage.spike))) return null;
  const over = resultAt(stage, before);
  // Whoever does not wait for it need not handle its failure either.
  over.catch(() => {});
  return { over };
}

async function resultAt(stage: Stage, index: number): Promise<SpikeResult> {
  const deadline = Date.now() + stage.spike.seconds * 1000 + PATIENCE_MS;
  while (Date.now() < deadline) {
    const result = (await results(stage))[index];
    if (result !== undefined) return result;
    await sleep(250, undefined, { signal: stage.signal });
  }
  throw cliError('EVO-922', {
    problem: `the spike did not end within ${PATIENCE_MS / 1000} s after its time`,
  });
}

export function describeSpike({ achievedRps, targetRps, sent, failed, latency }: SpikeResult): string {
  const p99 = latency.p99 === null ? '' : `, p99 ${Math.round(latency.p99)} ms`;
  return `The spike is over: ${achievedRps.toFixed(1)} of ${targetRps} requests a second, ${failed} of ${sent} failed${p99}.`;
}

async function results({ app }: Stage): Promise<SpikeResult[]> {
  return (await app.report()).periods.flatMap((period) => period.spikes);
}
