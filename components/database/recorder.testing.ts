import type { Database, Node, Query, Row } from './sql.ts';
import type { Run } from './waiting.ts';

/** A fake database that records what it is sent. The test decides what it answers. */
export interface Recorder extends Database {
  readonly sent: Query[];
  readonly texts: () => string[];
}

/** An answer of the database: rows, or the error that it gives. */
export type Answer = readonly Row[] | Error;

/** `answer` is called for each statement; undefined stands for no rows. `nodes` is called at each look at the nodes. */
export function recorder(
  answer: (query: Query) => Answer | undefined = () => undefined,
  nodes: () => Node[] = () => [],
): Recorder {
  const sent: Query[] = [];
  return {
    sent,
    texts: () => sent.map(({ text }) => text),
    async query(query) {
      sent.push(query);
      const given = answer(query) ?? [];
      if (given instanceof Error) throw given;
      return [...given];
    },
    nodes: async () => nodes(),
  };
}

/** What a database answers when it refuses a statement. */
export const refusal = (code: string, message: string) => Object.assign(new Error(message), { code });

/** A node that is well, in a cluster of `live` nodes, with other metrics where they are given. */
export const node = (pod: string, live: number, metrics: Record<string, number> = {}): Node => ({
  pod,
  ready: true,
  metrics: {
    liveness_livenodes: live,
    ranges: 10,
    ranges_underreplicated: 0,
    ranges_unavailable: 0,
    ranges_overreplicated: 0,
    ...metrics,
  },
});

/** A run whose lines are kept. */
export function testRun(): Run & { readonly said: string[]; cancel(reason: string): void } {
  const controller = new AbortController();
  const said: string[] = [];
  return {
    signal: controller.signal,
    said,
    say: (line) => void said.push(line),
    cancel: (reason) => controller.abort(new Error(reason)),
  };
}
