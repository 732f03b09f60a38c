import { z } from 'zod';
import type { Topology } from '../contract.ts';
import { text } from '../input.ts';

const count = z.number().int().min(0).max(10_000_000);
const path = z.strictObject({ user: text(63).nullable(), node: text(63).nullable() });

/** The body of `POST /commands/topology`: what an observer with access to the nodes saw. */
export const TOPOLOGY: z.ZodType<Topology> = z.strictObject({
  at: z.number().positive(),
  source: z.enum(['rehearsal', 'evolve']),
  simulated: z.boolean(),
  nodes: z
    .array(
      z.strictObject({
        name: text(63),
        state: z.enum(['joining', 'live', 'draining', 'dead']),
        voters: count,
        nonVoters: count,
        otherCopies: count.optional(),
        leases: count,
      }),
    )
    .min(1, 'name at least one node')
    .max(9, 'more than 9 nodes'),
  ranges: z.strictObject({ total: count, underReplicated: count, unavailable: count }).nullable(),
  writer: path,
  reader: path,
});

/** The newest topology from any observer. It is kept in memory only, and ages until the next report. */
export class LatestTopology {
  #latest: Topology | null = null;

  get latest(): Topology | null {
    return this.#latest;
  }

  /** A topology that is older than the known one is ignored. */
  saw(topology: Topology, now = Date.now()): void {
    // It comes from another machine, whose clock may be ahead: it must not block all later reports.
    const at = Math.min(topology.at, now);
    if (this.#latest === null || at >= this.#latest.at) this.#latest = { ...topology, at };
  }
}
