import type { Database, Node } from './sql.ts';
import { lengthOfArray, type Row } from './sql.ts';
import { type Look, type Run, waitFor } from './waiting.ts';
import type { Copies } from './zones.ts';

/** The state in which every range has its copies. */
export interface Settled {
  readonly ranges: number;
}

/** Looks in a row that must be right: while a change of the zones spreads, a node may still report the old state as complete. */
const STEADY = 3;

/** What is missing until all nodes are live and healthy, or null. */
export function nodesMissing(nodes: readonly Node[], wanted: number): string | null {
  if (nodes.length !== wanted) return `${nodes.length} of ${wanted} nodes are there`;
  const problems = nodes.flatMap(({ pod, ready, metrics, problem }) => {
    if (problem !== undefined) return [`${pod} does not answer: ${problem.slice(0, 120)}`];
    if (!ready) return [`${pod} is not ready for SQL`];
    const live = metrics.liveness_livenodes;
    return live === wanted ? [] : [`${pod} sees ${live ?? 'no'} live nodes`];
  });
  return problems.length === 0 ? null : problems.join('; ');
}

/** What is left to do according to the nodes' metrics, or null. One node reports each range, so the metrics are summed. */
export function rangesMissing(nodes: readonly Node[]): string | null {
  const sum = (metric: string) =>
    nodes.reduce((total, { metrics }) => total + (metrics[metric] ?? Number.NaN), 0);
  const left = ['underreplicated', 'overreplicated', 'unavailable']
    .map((kind) => ({ kind, count: sum(`ranges_${kind}`) }))
    .filter(({ count }) => count !== 0)
    .map(({ kind, count }) => (Number.isNaN(count) ? `ranges_${kind} is not reported` : `${count} ${kind}`));
  return left.length === 0 ? null : `of ${sum('ranges')} ranges, ${left.join(', ')}`;
}

/** Number of ranges in `SHOW CLUSTER RANGES` that do not have exactly the wanted copies. */
export function rangesOff(rows: readonly Row[], { replicas, voters }: Copies): number {
  const isRight = (row: Row) =>
    lengthOfArray(row.voting_replicas) === voters &&
    lengthOfArray(row.non_voting_replicas) === replicas - voters;
  return rows.filter((row) => !isRight(row)).length;
}

/** Waits until all nodes are live. */
export function untilLive(database: Database, nodes: number, seconds: number, run: Run): Promise<true> {
  const look = async (): Promise<Look<true>> => {
    const missing = nodesMissing(await database.nodes(), nodes);
    return missing === null ? { done: true } : { waiting: missing };
  };
  const next = `Look at: ${database.lookAt ?? 'kubectl get pods'}, and the log of the node that is named; then run the same command again`;
  return waitFor(
    look,
    { what: `${nodes} live node${nodes === 1 ? '' : 's'}`, seconds, every: 2, next: `${next}.` },
    run,
  );
}

/** Waits until every range has its copies, and keeps them. */
export function untilSettled(
  database: Database,
  nodes: number,
  copies: Copies,
  seconds: number,
  run: Run,
): Promise<Settled> {
  let steady = 0;
  const missing = async (): Promise<string | Settled> => {
    const reports = await database.nodes();
    const problem = nodesMissing(reports, nodes) ?? rangesMissing(reports);
    if (problem !== null) return problem;
    // The metrics lag behind a change. The list of replicas is current.
    const rows = await database.query({ text: 'SHOW CLUSTER RANGES' });
    const off = rangesOff(rows, copies);
    return off === 0 && rows.length > 0
      ? { ranges: rows.length }
      : `${off} of ${rows.length} ranges lack copies`;
  };
  const look = async (): Promise<Look<Settled>> => {
    const found = await missing().catch((error) => {
      steady = 0;
      throw error;
    });
    steady = typeof found === 'string' ? 0 : steady + 1;
    if (typeof found === 'string') return { waiting: found };
    return steady >= STEADY
      ? { done: found }
      : { waiting: `all ranges are right, ${steady} of ${STEADY} times` };
  };
  const what = `${copies.replicas === 1 ? 'one copy' : `${copies.replicas} copies`} of every range`;
  const next =
    'The cluster continues by itself; run the same command again to keep waiting. If the number does not fall, look at the free disk space and the logs of the nodes.';
  return waitFor(look, { what, seconds, every: 2, next }, run);
}
