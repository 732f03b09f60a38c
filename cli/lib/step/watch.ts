import { nodesMissing, rangesMissing } from '../../../components/database/settle.ts';
import type { Node } from '../../../components/database/sql.ts';
import type { Topology } from '../../../components/database/topology.ts';
import type { App } from '../cluster/app.ts';
import { withCluster } from '../cluster/inspect.ts';
import { TopologyReader } from '../cluster/topology.ts';
import type { Target } from '../phase/settings.ts';

const LOOK_MS = 2000;

/** The nodes and the ranges that lack copies, as one line. */
export function nodesLine(nodes: readonly Node[], wanted: number): string {
  const ready = nodes.filter((node) => node.ready).length;
  const well = nodesMissing(nodes, wanted) === null;
  const ranges = nodes.every((node) => node.problem === undefined) ? rangesMissing(nodes) : null;
  return `nodes ${ready} of ${wanted}${well ? ', live' : ''}${ranges === null ? '' : `; ${ranges}`}`;
}

/**
 * Inspects the cluster every two seconds during a step, and sends the result to the app's page. Failures to inspect or to send are ignored:
 * they are not failures of the step.
 */
export async function watchCluster(
  target: Target,
  onLook: (nodes: readonly Node[]) => void,
  signal: AbortSignal,
  open: typeof withCluster = withCluster,
): Promise<void> {
  const reader = new TopologyReader();
  while (!signal.aborted) {
    try {
      await open(target, async ({ database, app }) => {
        const page = new Page(app);
        while (!signal.aborted) {
          const at = Date.now();
          const { reports, nodes, ranges } = await reader.look(database);
          if (nodes.length > 0 && !signal.aborted) {
            onLook(reports);
            page.show({ at, source: 'evolve', simulated: false, nodes, ranges, writer: ANY, reader: ANY });
          }
          await pause(signal);
        }
      });
    } catch {
      await pause(signal);
    }
  }
}

/** A Service chooses the node, and the app knows its own user. */
const ANY = { user: null, node: null };

/** The app's page. Sending to it neither delays an inspection nor fails. */
class Page {
  readonly #find: () => Promise<App | null>;
  #app: App | null = null;
  #busy = false;
  /** An older app does not accept it. */
  #takes = true;

  constructor(find: () => Promise<App | null>) {
    this.#find = find;
  }

  show(topology: Topology): void {
    if (this.#busy || !this.#takes) return;
    this.#busy = true;
    this.#send(topology)
      .catch(() => {
        // Its pod may have been replaced, and its token with it.
        this.#app = null;
      })
      .finally(() => {
        this.#busy = false;
      });
  }

  async #send(topology: Topology): Promise<void> {
    this.#app ??= await this.#find();
    if (this.#app !== null) this.#takes = await this.#app.topology(topology);
  }
}

const pause = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(done, LOOK_MS);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
