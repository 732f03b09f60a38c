import { z } from 'zod';
import type { ClusterFigures } from './types.ts';

/** Prometheus scrapes every 15 s by default: asking more often tells nothing new. Milliseconds. */
const EVERY_MS = 5000;
const TIMEOUT_MS = 2000;

const ANSWER = z.object({
  status: z.literal('success'),
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});

/** What the app asks of Prometheus. `ranges_*` are reported by the leaseholders, so they add up over nodes. */
export const CLUSTER_QUERIES = {
  liveNodes: 'max(liveness_livenodes)',
  underReplicatedRanges: 'sum(ranges_underreplicated)',
} as const;

/** Nodes and under-replicated ranges, from Prometheus, kept fresh in the background. */
export class Cluster {
  readonly #url: string;
  #figures: ClusterFigures = { liveNodes: null, underReplicatedRanges: null, problem: 'not asked yet' };
  #timer: NodeJS.Timeout | undefined;

  constructor(prometheusUrl: string) {
    this.#url = prometheusUrl;
  }

  get figures(): ClusterFigures {
    return this.#figures;
  }

  start(): void {
    void this.refresh();
    this.#timer = setInterval(() => void this.refresh(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Never rejects: what goes wrong is in the figures' `problem`. */
  async refresh(): Promise<void> {
    try {
      const [liveNodes, underReplicatedRanges] = await Promise.all([
        this.#ask(CLUSTER_QUERIES.liveNodes),
        this.#ask(CLUSTER_QUERIES.underReplicatedRanges),
      ]);
      const problem = liveNodes === null ? 'Prometheus has no figures of CockroachDB yet' : null;
      this.#figures = { liveNodes, underReplicatedRanges, problem };
    } catch {
      this.#figures = { liveNodes: null, underReplicatedRanges: null, problem: 'Prometheus does not answer' };
    }
  }

  async #ask(query: string): Promise<number | null> {
    const answer = await fetch(`${this.#url}/api/v1/query?query=${encodeURIComponent(query)}`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const value = ANSWER.parse(await answer.json()).data.result[0]?.value[1];
    return value === undefined || !Number.isFinite(Number(value)) ? null : Number(value);
  }
}
