import { nodesMissing, rangesMissing } from '../../components/database/settle.ts';
import type { Node } from '../../components/database/sql.ts';
import { withCluster } from '../cluster/inspect.ts';
import type { Target } from '../cluster/settings.ts';

const LOOK_MS = 3000;

/** The nodes and the ranges that lack copies, as one line. */
export function nodesLine(nodes: readonly Node[], wanted: number): string {
  const ready = nodes.filter((node) => node.ready).length;
  const well = nodesMissing(nodes, wanted) === null;
  const ranges = nodes.every((node) => node.problem === undefined) ? rangesMissing(nodes) : null;
  return `nodes ${ready} of ${wanted}${well ? ', live' : ''}${ranges === null ? '' : `; ${ranges}`}`;
}

/** Looks at the cluster every few seconds while a step goes on. What cannot be seen is left out: it is the step that fails, not the look. */
export async function watchCluster(
  target: Target,
  onLine: (line: string) => void,
  signal: AbortSignal,
  open: typeof withCluster = withCluster,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await open(target, async ({ database }) => {
        while (!signal.aborted) {
          const nodes = await database.nodes();
          if (nodes.length > 0 && !signal.aborted) onLine(nodesLine(nodes, target.nodes));
          await pause(signal);
        }
      });
    } catch {
      await pause(signal);
    }
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
