import type { Database, Node } from '../../../components/database/sql.ts';
import {
  knownStores,
  type Stores,
  type Topology,
  type TopologyNode,
  topologyNodes,
  topologyRanges,
} from '../../../components/database/topology.ts';
import { REPLICATION } from './replication.ts';

/** Seconds: a look that takes longer is one picture less. */
const RANGES_SECONDS = 5;

export interface TopologySeen extends Pick<Topology, 'nodes' | 'ranges'> {
  /** What each node said of itself. */
  readonly reports: readonly Node[];
}

/** Looks at the nodes and at what lies on them, and remembers the look before: a node that is away no longer says what it holds. */
export class TopologyReader {
  #stores: Stores = {};
  #nodes: readonly TopologyNode[] = [];

  async look(database: Database): Promise<TopologySeen> {
    const reports = await database.nodes();
    // Without a node that takes SQL there is no use in waiting for one.
    const rows = reports.some((node) => node.ready)
      ? await database.query({ text: REPLICATION.ranges, seconds: RANGES_SECONDS }).catch(() => null)
      : null;
    this.#stores = knownStores(this.#stores, reports);
    this.#nodes = topologyNodes(reports, rows, this.#stores, this.#nodes);
    return { reports, nodes: this.#nodes, ranges: rows === null ? null : topologyRanges(reports, rows) };
  }
}
