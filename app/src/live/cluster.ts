import { z } from 'zod';
import type { Topology, TopologyNode } from '../contract.ts';
import type { LatestTopology } from './topology.ts';

/** Milliseconds. Prometheus scrapes every 15 s by default: more frequent queries show little that is new. */
const EVERY_MS = 5000;
const TIMEOUT_MS = 2000;

const ANSWER = z.object({
  status: z.literal('success'),
  data: z.object({
    result: z.array(
      z.object({
        metric: z.object({ instance: z.string().optional() }),
        value: z.tuple([z.number(), z.string()]),
      }),
    ),
  }),
});

const JOB = 'job="cockroachdb"';

/**
 * What the app asks of Prometheus: of each node what it holds, and of all together the ranges, which their leaseholders report, so that
 * they add up over nodes. `known` has nodes that answered in the last ten minutes: a node whose pod is gone is not a target any more.
 */
export const CLUSTER_QUERIES = {
  scraped: `min(timestamp(up{${JOB}}))`,
  up: `max by (instance) (up{${JOB}})`,
  known: `max by (instance) (max_over_time(up{${JOB}}[10m]))`,
  copies: `sum by (instance) (replicas{${JOB}})`,
  leases: `sum by (instance) (replicas_leaseholders{${JOB}})`,
  total: `sum(ranges{${JOB}})`,
  underReplicated: `sum(ranges_underreplicated{${JOB}})`,
  unavailable: `sum(ranges_unavailable{${JOB}})`,
} as const;

/** By node, or under '' where the question was about all of them. */
type Values = ReadonlyMap<string, number>;
export type ClusterAnswers = Readonly<Record<keyof typeof CLUSTER_QUERIES, Values>>;

/**
 * The topology as far as metrics show it; null when they contain no node.
 *
 * Not in any metric of CockroachDB: which copies vote (`replicas` counts all that a node holds), and that a node drains (it counts as
 * live until it is gone). So copies are `otherCopies`, and what has not a copy yet is said to join.
 */
export function topologyOf(
  answers: ClusterAnswers,
  users: { readonly writer: string; readonly reader: string },
): Topology | null {
  const names = [...answers.known.keys()].filter((name) => name !== '').sort();
  const at = answers.scraped.get('');
  if (names.length === 0 || at === undefined) return null;
  const nodes = names.map((name): TopologyNode => {
    const copies = answers.copies.get(name) ?? 0;
    const state = answers.up.get(name) !== 1 ? 'dead' : copies === 0 ? 'joining' : 'live';
    return {
      name,
      state,
      voters: 0,
      nonVoters: 0,
      otherCopies: copies,
      leases: answers.leases.get(name) ?? 0,
    };
  });
  const total = answers.total.get('');
  return {
    at: at * 1000,
    source: 'prometheus',
    simulated: false,
    nodes,
    ranges:
      total === undefined
        ? null
        : {
            total,
            underReplicated: answers.underReplicated.get('') ?? 0,
            unavailable: answers.unavailable.get('') ?? 0,
          },
    writer: { user: users.writer, node: null },
    reader: { user: users.reader, node: null },
  };
}

export interface ClusterOptions {
  readonly prometheusUrl: string;
  readonly users: () => { readonly writer: string; readonly reader: string };
  readonly topology: LatestTopology;
}

/** Looks at the nodes through Prometheus, in the background. */
export class Cluster {
  readonly #options: ClusterOptions;
  #problem: string | null = 'Prometheus was not queried yet.';
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  /** Why nothing could be seen the last time, if so. */
  get problem(): string | null {
    return this.#problem;
  }

  start(): void {
    void this.refresh();
    this.#timer = setInterval(() => void this.refresh(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Never rejects: what goes wrong is the `problem`. */
  async refresh(): Promise<void> {
    const { topology, users } = this.#options;
    try {
      const [scraped, up, known, copies, leases, total, underReplicated, unavailable] = await Promise.all([
        this.#ask('scraped'),
        this.#ask('up'),
        this.#ask('known'),
        this.#ask('copies'),
        this.#ask('leases'),
        this.#ask('total'),
        this.#ask('underReplicated'),
        this.#ask('unavailable'),
      ]);
      const answers = { scraped, up, known, copies, leases, total, underReplicated, unavailable };
      const seen = topologyOf(answers, users());
      this.#problem = seen === null ? 'Prometheus has no metrics of CockroachDB.' : null;
      if (seen !== null) topology.saw(seen);
    } catch {
      this.#problem = 'Prometheus does not answer.';
    }
  }

  async #ask(name: keyof typeof CLUSTER_QUERIES): Promise<Values> {
    const query = encodeURIComponent(CLUSTER_QUERIES[name]);
    const url = `${this.#options.prometheusUrl}/api/v1/query?query=${query}`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return new Map(
      ANSWER.parse(await answer.json())
        .data.result.map(({ metric, value }) => [metric.instance ?? '', Number(value[1])] as const)
        .filter(([, value]) => Number.isFinite(value)),
    );
  }
}
