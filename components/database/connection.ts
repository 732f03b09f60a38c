import type { V1Pod } from '@kubernetes/client-node';
import { cancellable } from './cancel.ts';
import { type Certificates, readCertificates } from './certificates.ts';
import { connectKubernetes, type DatabaseAddress, isReady, type Kubernetes } from './kubernetes.ts';
import { getPage } from './page.ts';
import { openSession, type Session } from './session.ts';
import { type Database, isBroken, isRetryable, type Node, type Query, type Row, sumMetrics } from './sql.ts';
import { type Run, sleep, within } from './waiting.ts';

/** Every cluster has it; statements that name no database run there. */
const ANY_DATABASE = 'defaultdb';
/** All that is read of a node's metrics. */
const METRICS = [
  'liveness_livenodes',
  'ranges',
  'ranges_underreplicated',
  'ranges_unavailable',
  'ranges_overreplicated',
  'queue_replicate_purgatory',
];

/** Seconds: for one statement, for the sign of life of an idle connection, and for finding a pod that takes a statement. */
const LIMITS = { statement: 60, life: 5, patience: 120 };
/** A pod that vanishes may leave its port-forward open and silent: a connection that was idle for so many ms is tried first. */
const IDLE = 1000;

/** Does work with the database, which is closed afterwards. Ends early when this process is told to end. */
export function withDatabase<T>(
  address: DatabaseAddress,
  work: (database: Database, kubernetes: Kubernetes, run: Run) => Promise<T>,
): Promise<T> {
  return cancellable(async (signal) => {
    const run: Run = { signal, say: (line) => console.log(line) };
    const kubernetes = connectKubernetes(address, signal);
    const database = openDatabase(kubernetes, run);
    try {
      return await work(database, kubernetes, run);
    } finally {
      database.close();
    }
  });
}

/**
 * The database behind a port-forward to one of its pods, with TLS verified on both sides. Nothing is sent until the first query.
 * A connection that breaks is replaced by one to another ready pod.
 */
export function openDatabase(
  kubernetes: Kubernetes,
  run: Run,
  open: typeof openSession = openSession,
): Database & { close(): void } {
  let certificates: Promise<Certificates> | undefined;
  let session: ({ readonly key: string } & Session) | undefined;
  let current = '';
  let avoided = '';
  let used = 0;
  const identity = () => {
    certificates ??= readCertificates(kubernetes);
    certificates.catch(() => {
      certificates = undefined;
    });
    return certificates;
  };
  const close = () => {
    session?.close();
    session = undefined;
  };

  async function attempt({
    text,
    values = [],
    database,
    login,
    seconds = LIMITS.statement,
  }: Query): Promise<Row[]> {
    const key = JSON.stringify([database ?? ANY_DATABASE, login]);
    if (session?.key !== key) {
      close();
      const pod = choosePod(await kubernetes.pods(), avoided);
      current = pod;
      used = Number.POSITIVE_INFINITY;
      session = {
        key,
        ...(await open(kubernetes, pod, await identity(), database ?? ANY_DATABASE, login, run.signal)),
      };
    }
    const { client } = session;
    const send = (text: string, values: readonly string[], seconds: number) =>
      within(client.query(text, [...values]), seconds, current, run.signal);
    if (Date.now() - used > IDLE) await send('SELECT 1', [], LIMITS.life);
    used = Date.now();
    const { rows } = await send(text, values, seconds);
    used = Date.now();
    return rows as Row[];
  }

  async function query(query: Query): Promise<Row[]> {
    const end = Date.now() + LIMITS.patience * 1000;
    for (let tries = 1; ; tries++) {
      try {
        return await attempt(query);
      } catch (error) {
        const { code, message, name } = error as { code?: unknown; message: string; name: string };
        if (run.signal.aborted || name === 'Stop' || !(isRetryable(code) || isBroken({ code }))) throw error;
        if (!isRetryable(code)) {
          close();
          avoided = current;
        }
        if (Date.now() > end)
          throw new Error(
            `The database took no statement for ${LIMITS.patience} s. Seen last: ${message}. Look at: kubectl -n ${kubernetes.namespace} get pods; then run the same command again.`,
          );
        await sleep(Math.min(2000, 100 * 2 ** tries), run.signal);
      }
    }
  }

  async function nodes(): Promise<Node[]> {
    const ca = (await identity()).ca;
    const ask = (pod: string, path: string) => getPage(kubernetes, pod, ca, path, run.signal);
    return Promise.all(
      (await kubernetes.pods()).map(async (item) => {
        const pod = item.metadata?.name ?? '';
        try {
          const [health, page] = await Promise.all([ask(pod, '/health?ready=1'), ask(pod, '/_status/vars')]);
          return { pod, ready: health.status === 200, metrics: sumMetrics(page.body, METRICS) };
        } catch (error) {
          run.signal.throwIfAborted();
          return { pod, ready: false, metrics: {}, problem: (error as Error).message };
        }
      }),
    );
  }
  return { query, nodes, close };
}

/** A pod that is ready; another than the one that failed last, where there is a choice. */
function choosePod(pods: readonly V1Pod[], avoided: string): string {
  const ready = pods.filter(isReady).map((pod) => pod.metadata?.name ?? '');
  const chosen = ready.find((name) => name !== avoided) ?? ready[0];
  if (chosen !== undefined) return chosen;
  const seen = pods.map((pod) => `${pod.metadata?.name} ${pod.status?.phase}, not ready`);
  throw new Error(seen.length === 0 ? 'there is no database pod' : seen.join('; '));
}
