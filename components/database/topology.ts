import { idsOfArray, type Node, type Row } from './sql.ts';

export interface TopologyNode {
  readonly name: string;
  readonly state: 'joining' | 'live' | 'draining' | 'dead';
  /** Replicas on it, by what they may do. */
  readonly voters: number;
  readonly nonVoters: number;
  /** Ranges that it serves. By the node's own metric, which is up to 10 s old. */
  readonly leases: number;
}

/** A database connection of the app: its user and its node. */
export interface TopologyConnection {
  /** Null when the observer does not know it. The app itself does. */
  readonly user: string | null;
  /** Null when it is not known, for example behind a Service. */
  readonly node: string | null;
}

/** The nodes of the database at one moment, for the page: the body of `POST /commands/topology`. */
export interface Topology {
  /** When it was seen, in epoch milliseconds. */
  readonly at: number;
  readonly source: 'rehearsal' | 'evolve' | 'prometheus';
  /** Whether the nodes are simulated. */
  readonly simulated: boolean;
  readonly nodes: readonly TopologyNode[];
  /** Null where there are none. */
  readonly ranges: {
    readonly total: number;
    readonly underReplicated: number;
    readonly unavailable: number;
  } | null;
  readonly writer: TopologyConnection;
  readonly reader: TopologyConnection;
}

/** Ids of each node's stores, by its name: a node that is down no longer reports them. */
export type Stores = Readonly<Record<string, readonly number[]>>;

/** The known stores after a look at the nodes. */
export function knownStores(before: Stores, nodes: readonly Node[]): Stores {
  const told = nodes.filter(({ stores }) => stores !== undefined && stores.length > 0);
  return { ...before, ...Object.fromEntries(told.map(({ pod, stores = [] }) => [pod, stores])) };
}

/**
 * The nodes of a look, with the replicas that `SHOW CLUSTER RANGES` lists for each. If the ranges could not be read, the replicas are those
 * of the previous look, `before`.
 */
export function topologyNodes(
  nodes: readonly Node[],
  rows: readonly Row[] | null,
  stores: Stores,
  before: readonly TopologyNode[],
): TopologyNode[] {
  return nodes.map((node) => {
    const mine = stores[node.pod] ?? [];
    const last = before.find(({ name }) => name === node.pod);
    const on = (column: string) =>
      rows?.filter((row) => idsOfArray(row[column]).some((id) => mine.includes(id))).length;
    return {
      name: node.pod,
      state: stateOf(node, last),
      voters: on('voting_replicas') ?? last?.voters ?? 0,
      nonVoters: on('non_voting_replicas') ?? last?.nonVoters ?? 0,
      leases: node.metrics.replicas_leaseholders ?? 0,
    };
  });
}

/** Numbers of ranges according to the nodes' metrics: one node reports each range. */
export function topologyRanges(nodes: readonly Node[], rows: readonly Row[]): Topology['ranges'] {
  const sum = (metric: string) => nodes.reduce((total, { metrics }) => total + (metrics[metric] ?? 0), 0);
  return {
    total: rows.length,
    underReplicated: sum('ranges_underreplicated'),
    unavailable: sum('ranges_unavailable'),
  };
}

function stateOf({ ready, problem }: Node, before: TopologyNode | undefined): TopologyNode['state'] {
  if (ready) return 'live';
  // A node that was never ready is joining. One that was ready and no longer answers is dead.
  if (before === undefined || before.state === 'joining') return 'joining';
  if (problem !== undefined) return 'dead';
  // It answers, so it is shutting down, or has just come back.
  return before.state === 'dead' ? 'joining' : 'draining';
}
