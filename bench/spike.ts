import { SampleApp, settings, type TestDatabase } from '../tests/support/sample-app.ts';

const TARGET_RPS = 300;
const SECONDS = 10;

export interface SpikeAccuracy {
  readonly targetRps: number;
  readonly achievedRps: number;
  readonly ratio: number;
  readonly failed: number;
  readonly p99Ms: number | null;
}

/** How near a spike of 300 requests a second comes to its target. */
export async function measureSpike(test: TestDatabase): Promise<SpikeAccuracy> {
  const app = await SampleApp.start(settings(test));
  try {
    await app.command('start-spike', { seconds: SECONDS, rps: TARGET_RPS });
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      const [result] = (await app.report()).periods[0]?.spikes ?? [];
      if (result === undefined) continue;
      const { targetRps, achievedRps, failed, latency } = result;
      return { targetRps, achievedRps, ratio: achievedRps / targetRps, failed, p99Ms: latency.p99 };
    }
  } finally {
    await app.stop();
  }
}

export function printSpike({ targetRps, achievedRps, ratio, failed, p99Ms }: SpikeAccuracy): void {
  console.log(
    `\nSpike: ${achievedRps.toFixed(2)} of ${targetRps} rps (${(ratio * 100).toFixed(2)} %), ${failed} failed, p99 ${p99Ms?.toFixed(1)} ms`,
  );
}
