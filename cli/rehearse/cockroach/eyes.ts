import { openClient } from '../../../components/database/client.ts';
import type { Database } from '../../../components/database/sql.ts';
import {
  knownStores,
  type Stores,
  type Topology,
  type TopologyNode,
  topologyNodes,
  topologyRanges,
} from '../../../components/database/topology.ts';
import type { Run } from '../../../components/database/waiting.ts';
import type { CockroachCluster } from './cluster.ts';

/** Seconds: a look that takes longer is one picture less. */
const RANGES_SECONDS = 5;

/** Looks at the nodes and at what lies on them. It has a connection of its own: a look must not wait for a statement of a step. */
export class Eyes {
  readonly #database: Database & { close(): void };
  #stores: Stores = {};
  #nodes: readonly TopologyNode[] = [];

  constructor(cluster: CockroachCluster, { signal }: Run) {
    this.#database = openClient(cluster.access, { signal, say: () => {} });
  }

  async look(): Promise<Pick<Topology, 'nodes' | 'ranges'>> {
    const nodes = await this.#database.nodes();
    // Without a node that takes SQL there is no use in waiting for one.
    const rows = nodes.some((node) => node.ready)
      ? await this.#database.query({ text: 'SHOW CLUSTER RANGES', seconds: RANGES_SECONDS }).catch(() => null)
      : null;
    this.#stores = knownStores(this.#stores, nodes);
    this.#nodes = topologyNodes(nodes, rows, this.#stores, this.#nodes);
    return { nodes: this.#nodes, ranges: rows === null ? null : topologyRanges(nodes, rows) };
  }

  close(): void {
    this.#database.close();
  }
}
