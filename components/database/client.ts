import type { KnownNode, NodeAccess } from './access.ts';
import type { Certificates } from './certificates.ts';
import { getPage } from './page.ts';
import { openSession, type Session } from './session.ts';
import {
  type Database,
  isBroken,
  isRetryable,
  type Node,
  type Query,
  type Row,
  storesOf,
  sumMetrics,
} from './sql.ts';
import { type Run, sleep, within } from './waiting.ts';

/** A database that every cluster has. Statements that name no database run there. */
const ANY_DATABASE = 'defaultdb';
/** The metrics that are read from a node. */
const METRICS = [
  'liveness_livenodes',
  'ranges',
  'ranges_underreplicated',
  'ranges_unavailable',
  'ranges_overreplicated',
  'replicas_leaseholders',
  'queue_replicate_purgatory',
];

/** Seconds: for one statement, for the probe of an idle connection, and for finding a node that takes a statement. */
const LIMITS = { statement: 60, life: 5, patience: 120 };
/** A node that vanishes may leave its connection open and silent. A connection that was idle for so many ms is probed first. */
const IDLE = 1000;

/**
 * The database behind one of its nodes, with TLS verified on both sides. Nothing is sent until the first query.
 * A connection that breaks is replaced by one to another node that is ready.
 */
export function openClient(
  access: NodeAccess,
  run: Run,
  open: typeof openSession = openSession,
): Database & { close(): void } {
  let certificates: Promise<Certificates> | undefined;
  let session: ({ readonly key: string } & Session) | undefined;
  let current = '';
  let avoided = '';
  let used = 0;
  const identity = () => {
    certificates ??= access.certificates();
    certificates.catch(() => {
      certificates = undefined;
    });
    return certificates;
  };
  const close = () => {
    session?.close();
    session = undefined;
  };

  async function attempt(query: Query): Promise<Row[]> {
    const { text, values = [], database, login, seconds = LIMITS.statement } = query;
    const key = JSON.stringify([database ?? ANY_DATABASE, login]);
    if (session?.key !== key) {
      close();
      const node = chooseNode(await access.nodes(), avoided);
      current = node;
      used = Number.POSITIVE_INFINITY;
      session = {
        key,
        ...(await open(access, node, await identity(), database ?? ANY_DATABASE, login, run.signal)),
      };
    }
    const { client } = session;
    const send = (text: string, values: readonly string[], seconds: number) =>
      within(client.query(text, [...values]), seconds, current, run.signal);
    if (Date.now() - used > IDLE) await send('SELECT 1', [], LIMITS.life);
    used = Date.now();
    const { rows } = await send(text, values, seconds).catch((error) => {
      throw (error as Error).name === 'TimedOut' ? leftAlone(error, text) : error;
    });
    used = Date.now();
    return rows as Row[];
  }

  async function query(query: Query): Promise<Row[]> {
    let failing: number | undefined;
    for (let tries = 1; ; tries++) {
      try {
        return await attempt(query);
      } catch (error) {
        const { code, message, name } = error as { code?: unknown; message: string; name: string };
        const broken = isBroken({ code });
        // CockroachDB cancels what the connection still runs when it is closed.
        if (run.signal.aborted || broken) close();
        if (broken) avoided = current;
        const isFinal = name === 'Stop' || name === 'LeftAlone' || !(isRetryable(code) || broken);
        if (run.signal.aborted || isFinal) throw error;
        // Counted from the first failure: a statement may run longer than that before its connection breaks.
        failing ??= Date.now();
        if (Date.now() - failing > LIMITS.patience * 1000)
          throw new Error(
            `The database took no statement for ${LIMITS.patience} s. Seen last: ${message}. Look at: ${access.lookAt}; then run the same command again.`,
          );
        await sleep(Math.min(2000, 100 * 2 ** tries), run.signal);
      }
    }
  }

  async function nodes(): Promise<Node[]> {
    const ca = (await identity()).ca;
    const ask = (node: string, path: string) => getPage(access, node, ca, path, run.signal);
    return Promise.all(
      (await access.nodes()).map(async ({ name }) => {
        try {
          const [health, page] = await Promise.all([
            ask(name, '/health?ready=1'),
            ask(name, '/_status/vars'),
          ]);
          const metrics = sumMetrics(page.body, METRICS);
          return { pod: name, ready: health.status === 200, metrics, stores: storesOf(page.body) };
        } catch (error) {
          run.signal.throwIfAborted();
          return { pod: name, ready: false, metrics: {}, problem: (error as Error).message };
        }
      }),
    );
  }
  return { query, nodes, close, lookAt: access.lookAt };
}

/** A second attempt beside it would not make a slow statement faster. */
function leftAlone(error: Error, text: string): Error {
  const line = text.split('\n', 1)[0] ?? '';
  const statement = line.length > 80 ? `${line.slice(0, 77)}...` : line;
  return Object.assign(
    new Error(`${error.message}. The statement was left, and is not sent again: ${statement}`),
    { name: 'LeftAlone' },
  );
}

/** A ready node; not the one that failed last, if there is another. */
function chooseNode(nodes: readonly KnownNode[], avoided: string): string {
  const ready = nodes.filter((node) => node.ready).map(({ name }) => name);
  const chosen = ready.find((name) => name !== avoided) ?? ready[0];
  if (chosen !== undefined) return chosen;
  const seen = nodes.map(({ name, state }) => `${name} ${state}`);
  throw new Error(seen.length === 0 ? 'there is no database pod' : seen.join('; '));
}
