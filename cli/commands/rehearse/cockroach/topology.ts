import { openClient } from '../../../../components/database/client.ts';
import type { Database } from '../../../../components/database/sql.ts';
import type { Topology } from '../../../../components/database/topology.ts';
import type { Run } from '../../../../components/database/waiting.ts';
import { TopologyReader } from '../../../lib/cluster/topology.ts';
import type { CockroachCluster } from './cluster.ts';

/** Looks at the nodes. It has a connection of its own: a look must not wait for a statement of a step. */
export class NodeTopology {
  readonly #database: Database & { close(): void };
  readonly #reader = new TopologyReader();

  constructor(cluster: CockroachCluster, { signal }: Run) {
    this.#database = openClient(cluster.access, { signal, say: () => {} });
  }

  async look(): Promise<Pick<Topology, 'nodes' | 'ranges'>> {
    const { nodes, ranges } = await this.#reader.look(this.#database);
    return { nodes, ranges };
  }

  close(): void {
    this.#database.close();
  }
}
