import { z } from 'zod';
import type { Topology } from '../contract.ts';
import { text } from '../input.ts';

const count = z.number().int().min(0).max(10_000_000);
const path = z.strictObject({ user: text(63).nullable(), node: text(63).nullable() });

/** What `POST /commands/topology` takes: what somebody saw who can look at the nodes. */
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

/** The newest topology that anybody saw, whoever it was. It is kept in memory only, and grows old until somebody looks again. */
export class LatestTopology {
  #latest: Topology | null = null;

  get latest(): Topology | null {
    return this.#latest;
  }

  /** One that was seen before the one that is known is passed over. */
  saw(topology: Topology, now = Date.now()): void {
    // Seen on another machine: a clock ahead of this one must not keep out all that comes later.
    const at = Math.min(topology.at, now);
    if (this.#latest === null || at >= this.#latest.at) this.#latest = { ...topology, at };
  }
}
