import { hasTables } from '../components/database/backup.ts';
import type { CrdbCluster, Kubernetes } from '../components/database/kubernetes.ts';
import { nodesMissing, rangesMissing } from '../components/database/settle.ts';
import type { Database } from '../components/database/sql.ts';
import { type Look, type Run, waitFor } from '../components/database/waiting.ts';
import { copiesOf, remainingStatements } from '../components/database/zones.ts';
import { USERS } from '../components/names.ts';
import type { Api, ApiError } from './api.ts';
import type { ClusterManifest, Given } from './files.ts';
import { fewerCopies, otherChange, refusal } from './guard.ts';
import { jobName } from './names.ts';
import type { Plan } from './plan.ts';
import { Refused } from './refused.ts';

export interface Clients {
  readonly api: Api;
  readonly kubernetes: Kubernetes;
  readonly database: Database;
  readonly run: Run;
  /** Reports that a stage is done. */
  readonly tell: (reason: string, message: string) => Promise<void>;
}

/** Seconds to wait for what may have been applied at the same moment: the operator, and the previous step. */
const READY_SECONDS = 600;

/** Refuses a step that is not allowed. Returns the cluster, or null if there is none. */
export async function guard(
  { plan, cluster }: Given,
  { api, kubernetes, run }: Clients,
): Promise<CrdbCluster | null> {
  const live = await kubernetes.cluster();
  const refused = refusal(plan, cluster.spec.nodes, live);
  if (refused !== null) throw new Refused(refused);
  const after = await applied(cluster, api, run, true);
  if (live === null) return null;
  const other = otherChange(plan.phase, live, after);
  if (other !== null) throw new Refused(other);
  return live;
}

/** Applies the CrdbCluster, or returns it as it would be (`dryRun`). Waits for the operator, which may have just been installed. */
export function applied(cluster: ClusterManifest, api: Api, run: Run, dryRun: boolean): Promise<CrdbCluster> {
  const look = async (): Promise<Look<CrdbCluster>> => {
    try {
      return { done: (await api.apply(cluster, { dryRun })) as unknown as CrdbCluster };
    } catch (error) {
      const { code, message } = error as ApiError;
      // Another manager owns the field, or the schema or the operator rejects a value.
      const never = code === 409 || code === 422 || /denied the request|not declared in schema/.test(message);
      if (never) throw Object.assign(new Refused(message), { name: 'Stop' });
      if (code === 403) throw Object.assign(error as Error, { name: 'Stop' });
      // The kind does not exist yet, or its webhook does not answer.
      return { waiting: message };
    }
  };
  const next = 'Is the operator there? kubectl apply --server-side -k k8s/operator';
  return waitFor(look, { what: 'the operator', seconds: READY_SECONDS, every: 3, next }, run);
}

/** Waits until the previous phase is finished, if the step starts from its cluster. Refuses fewer copies. */
export async function beginsAt(
  plan: Plan,
  live: CrdbCluster,
  nodes: number,
  { database, run }: Clients,
): Promise<void> {
  if (plan.previous === null && !(await answers(database))) return;
  const { previous } = plan;
  const look = async (): Promise<Look<true>> => {
    const rows = await database.query({ text: 'SHOW ALL ZONE CONFIGURATIONS' });
    const factor = /num_replicas = (\d+)/.exec(
      rows.find(({ target }) => target === 'RANGE default')?.raw_config_sql ?? '',
    )?.[1];
    // A new cluster has CockroachDB's default factor, which nobody has chosen.
    const isSet = (await hasTables(database)) && factor !== undefined;
    const fewer = isSet ? fewerCopies(plan, Number(factor)) : null;
    if (fewer !== null) throw Object.assign(new Refused(fewer), { name: 'Stop' });
    // If this step is already in progress, its own stages wait for what they need.
    if (previous === null || live.spec.nodes >= nodes) return { done: true };
    const reports = await database.nodes();
    const unfinished =
      nodesMissing(reports, live.spec.nodes) ??
      zoneMissing(remainingStatements(rows, copiesOf(previous.replicationFactor))) ??
      rangesMissing(reports) ??
      (await usersMissing(plan, previous.reader, database));
    return unfinished === null ? { done: true } : { waiting: unfinished };
  };
  const next = `Look at: kubectl -n ${plan.namespace} describe job ${jobName(previous?.phase ?? plan.phase)}`;
  const what = `the end of ${previous?.phase ?? 'the phase before'}`;
  await waitFor(look, { what, seconds: READY_SECONDS, every: 3, next }, run);
}

const zoneMissing = ([first]: readonly string[]) => (first === undefined ? null : `still to do: ${first}`);

/** Whether a database answers yet: an interrupted first start may have left none. */
async function answers(database: Database): Promise<boolean> {
  return (await database.nodes()).some(({ ready }) => ready);
}

async function usersMissing({ users }: Plan, reader: boolean, database: Database): Promise<string | null> {
  const there = (await database.query({ text: 'SHOW USERS' })).map(({ username }) => username);
  const wanted = users.map(({ name }) => name).filter((name) => reader || name !== USERS.reader);
  const missing = wanted.filter((name) => !there.includes(name));
  return missing.length === 0 ? null : `there is no user ${missing.join(', ')}`;
}
