import type { V1StatefulSet } from '@kubernetes/client-node';
import { APP } from '../../../components/app-manifests.ts';
import { listBackups, shown } from '../../../components/database/backup.ts';
import { cancellable } from '../../../components/database/cancel.ts';
import { openDatabase } from '../../../components/database/connection.ts';
import { type Disk, disksOf, sizeAsked } from '../../../components/database/disks.ts';
import {
  type CrdbCluster,
  connectKubernetes,
  type Kubernetes,
} from '../../../components/database/kubernetes.ts';
import { failureText, holds, operatorFailures } from '../../../components/database/operator-status.ts';
import type { Database } from '../../../components/database/sql.ts';
import { type Run, sleep } from '../../../components/database/waiting.ts';
import { CLUSTER, LOAD, READER, WRITER } from '../../../components/names.ts';
import { CliError, cliError } from '../errors.ts';
import { databaseAddress, type Target } from '../phase/settings.ts';
import { type App, findApp } from './app.ts';
import { REPLICATION, rangesUnsettled, replicationOf } from './replication.ts';
import { type AppNow, type ClusterNow, isSeen, type NodesNow, type OperatorNow, type Seen } from './types.ts';
import { kubernetesWorkloads, restartsOf, type Workloads } from './workloads.ts';

/** The clients through which a cluster is read and changed. */
export interface ClusterClients {
  readonly kubernetes: Kubernetes;
  readonly database: Database;
  readonly workloads: Workloads;
  /** The sample app; null when it has no pod. */
  readonly app: () => Promise<App | null>;
  readonly run: Run;
}

/**
 * Opens a cluster for some work, and closes it afterwards. Nothing is sent before the work asks. `say` prints a line of progress.
 * Throws EVO-302 when Kubernetes or the database does not answer, and what the run was aborted with.
 */
export function withCluster<T>(
  target: Target,
  work: (clients: ClusterClients) => Promise<T>,
  say: Run['say'] = () => {},
): Promise<T> {
  const address = databaseAddress(target);
  return cancellable(async (signal) => {
    const run: Run = { signal, say };
    try {
      return await open(target, connectKubernetes(address, signal), run, work);
    } catch (error) {
      throw signal.aborted ? signal.reason : cannotAnswer(error);
    }
  });
}

/** Opens the same cluster again, for work that must still be done after the run was aborted. At most two minutes. */
export function withClusterForCleanup<T>(
  target: Target,
  work: (clients: ClusterClients) => Promise<T>,
  say: Run['say'],
): Promise<T> {
  const run: Run = { signal: AbortSignal.timeout(CALM_MS), say };
  return open(target, connectKubernetes(databaseAddress(target), run.signal), run, work);
}

const CALM_MS = 120_000;

async function open<T>(
  target: Target,
  kubernetes: Kubernetes,
  run: Run,
  work: (clients: ClusterClients) => Promise<T>,
): Promise<T> {
  const database = openDatabase(kubernetes, run);
  const workloads = kubernetesWorkloads(kubernetes.kubeconfig, run.signal);
  const place = { context: target.context, namespace: target.namespaces.app };
  try {
    return await work({ kubernetes, database, workloads, app: () => findApp(place, workloads, run), run });
  } finally {
    database.close();
  }
}

/** A CliError, whatever it was; a bug of this program stays what it is. */
function cannotAnswer(error: unknown): unknown {
  if (error instanceof CliError || error instanceof TypeError || error instanceof ReferenceError)
    return error;
  return cliError('EVO-302', { problem: (error as Error).message });
}

/** The state of a phase's cluster. Throws EVO-302 when Kubernetes cannot be reached at all. */
export const inspect = (target: Target): Promise<ClusterNow> =>
  withCluster(target, (clients) => look(target, clients));

/** The same for a verdict: see `lookForVerdict`. */
export const inspectForVerdict = (target: Target, say: Run['say']): Promise<ClusterNow> =>
  withCluster(target, (clients) => lookForVerdict(target, clients), say);

/** Together longer than the 10 s after which a node counts its ranges again (CockroachDB's DefaultMetricsSampleInterval). */
const LOOKS = { most: 3, apartMs: 6000 };

/**
 * The first look at which no range lacks a copy, or the third. One look proves nothing against a cluster: it moves copies at any time, by
 * the load on its nodes, and a range that is moved has others than asked for while it lasts.
 */
export async function lookForVerdict(target: Target, clients: ClusterClients): Promise<ClusterNow> {
  for (let looks = 1; ; looks++) {
    const now = await look(target, clients);
    if (!isSeen(now.replication) || looks === LOOKS.most) return now;
    const unsettled = rangesUnsettled(now.replication);
    if (unsettled === 0) return now;
    clients.run.say(
      `${unsettled} of ${now.replication.ranges} ranges lack copies now; the cluster may be moving them. Looking again in ${LOOKS.apartMs / 1000} s ...`,
    );
    await sleep(LOOKS.apartMs, clients.run.signal);
  }
}

/** As `inspect`, through clients that are open already. */
export async function look(target: Target, clients: ClusterClients): Promise<ClusterNow> {
  // Asked first and alone: its error would apply to everything else.
  const cluster = await clients.kubernetes.cluster();
  if (cluster === null) return absent(target);
  const { database, kubernetes, workloads, run } = clients;
  const see = async <T>(part: () => Promise<T>): Promise<Seen<T>> => {
    try {
      return await part();
    } catch (error) {
      run.signal.throwIfAborted();
      return { problem: (error as Error).message };
    }
  };
  const reports = await see(() => database.nodes());
  const pods = await see(() => kubernetes.pods());
  const disks = await see(async () => ({
    asked: sizeAsked(cluster),
    disks: disksOf(await kubernetes.disks(), cluster.spec.nodes),
  }));
  const operator = await see(async () =>
    operatorNow(cluster, await kubernetes.statefulSet(), isSeen(disks) ? disks.disks : []),
  );
  const { namespaces } = target;
  const deployments = async (names: readonly string[]) =>
    Object.fromEntries(
      await Promise.all(
        names.map(async (name) => [name, await workloads.deployment(namespaces.observability, name)]),
      ),
    );
  const services = async () =>
    Object.fromEntries(
      await Promise.all(
        [WRITER, READER].map(async (name) => [name, await workloads.endpoints(namespaces.database, name)]),
      ),
    );
  const [load, app, observability, reachable] = await Promise.all([
    see(() => workloads.deployment(namespaces.database, LOAD)),
    see(async () => appNow(await clients.app())),
    see(() => deployments(target.observability)),
    see(services),
  ]);
  // One after another: they share a connection. Without a node that takes SQL there is no use in waiting for one.
  const takesSql = Array.isArray(reports) && reports.some((node) => node.ready);
  const sql = async <T>(part: () => Promise<T>): Promise<Seen<T>> =>
    takesSql ? see(part) : { problem: 'no database pod takes SQL' };
  const replication = await sql(async () => {
    const zones = await database.query({ text: REPLICATION.zones });
    return replicationOf(zones, await database.query({ text: REPLICATION.ranges }), reports as []);
  });
  const users = await sql(async () =>
    (await database.query({ text: 'SHOW USERS' })).map((row) => row.username ?? '').sort(),
  );
  const backups = await sql(async () => {
    const paths = await listBackups({ destination: target.backupDestination }, database);
    return {
      destination: shown(target.backupDestination),
      count: paths.length,
      latest: paths.at(-1) ?? null,
    };
  });
  const nodes: Seen<NodesNow> = !Array.isArray(reports)
    ? (reports as { problem: string })
    : {
        wanted: cluster.spec.nodes,
        pods: reports.map(({ pod, ready, metrics, problem }) => ({
          name: pod,
          ready,
          sees: metrics.liveness_livenodes ?? null,
          restarts: Array.isArray(pods)
            ? (pods.filter((p) => p.metadata?.name === pod).map(restartsOf)[0] ?? 0)
            : 0,
          ...(problem === undefined ? {} : { problem }),
        })),
      };
  return {
    at: new Date().toISOString(),
    nodes,
    operator,
    disks,
    replication,
    users,
    services: reachable,
    load,
    app,
    observability,
    backups,
  };
}

function operatorNow(
  cluster: CrdbCluster,
  statefulSet: V1StatefulSet | null,
  disks: readonly Disk[],
): OperatorNow {
  return {
    failures: operatorFailures(cluster, { statefulSet, disks }).map(failureText),
    lacking: ['CrdbVersionChecked', 'Initialized'].filter((type) => !holds(cluster, type)),
  };
}

async function appNow(app: App | null): Promise<AppNow> {
  if (app === null) throw new Error(`${APP} has no pod`);
  const [readiness, report] = await Promise.all([app.readiness(), app.report()]);
  const period = report.periods.at(-1);
  if (period === undefined) throw new Error(`${app.pod} reports no period`);
  return { pod: app.pod, readiness, witness: report.witness, period };
}

function absent({ namespaces }: Target): ClusterNow {
  const none = { problem: `there is no CrdbCluster ${CLUSTER} in namespace ${namespaces.database}` };
  return {
    at: new Date().toISOString(),
    nodes: none,
    operator: none,
    disks: none,
    replication: none,
    users: none,
    services: none,
    load: none,
    app: none,
    observability: none,
    backups: none,
  };
}
