import { hasTables } from '../components/database/backup.ts';
import { sizeAsked } from '../components/database/disks.ts';
import type { CrdbCluster, Kubernetes } from '../components/database/kubernetes.ts';
import { runScript } from '../components/database/script.ts';
import { nodesMissing, rangesMissing } from '../components/database/settle.ts';
import type { Database } from '../components/database/sql.ts';
import { type Look, type Run, waitFor } from '../components/database/waiting.ts';
import { copiesOf, remainingStatements } from '../components/database/zones.ts';
import { DATABASE, USERS } from '../components/names.ts';
import { nodesLive } from '../components/steps/nodes-live.ts';
import { protect } from '../components/steps/protect.ts';
import { replicate } from '../components/steps/replicate.ts';
import { applySettings } from '../components/steps/settings.ts';
import { setUp } from '../components/steps/user.ts';
import type { Api, ApiError } from './api.ts';
import { type ClusterManifest, type Given, required } from './files.ts';
import { fewerCopies, isApplied, otherChange, refusal } from './guard.ts';
import { jobName } from './names.ts';
import { type Inventory, makeMissing, passwordOf, takeStock, writeCredentials } from './objects.ts';
import type { Plan } from './plan.ts';
import { Refused } from './refused.ts';

export interface Clients {
  readonly api: Api;
  readonly kubernetes: Kubernetes;
  readonly database: Database;
  readonly run: Run;
  /** Tells of a stage that is over. */
  readonly tell: (reason: string, message: string) => Promise<void>;
}

/** Seconds for what was applied at the same moment: the operator, and the end of the step before. */
const READY_SECONDS = 600;

/**
 * Takes the step to a phase, or finishes it: every stage looks at what is there, and does what is missing. Throws a Refused before
 * anything is changed. Gives the line that says what came of it.
 */
export async function takeStep(given: Given, clients: Clients): Promise<string> {
  const { plan, cluster } = given;
  const { api, kubernetes, database, run, tell } = clients;
  const backup = backupInputs(given);
  const licence = licenceSettings(given);
  const live = await guard(given, clients);
  const stock = await takeStock(given, api);
  if (live !== null) await beginsAt(plan, live, cluster.spec.nodes, clients);

  await makeMissing(stock, api, run.say);
  await tell('ObjectsReady', 'The certificates, passwords and ConfigMaps are there.');

  if (await isBackupDue(given, live, database)) {
    const { taken, path, reason } = await protect(backup, database, kubernetes, run);
    await tell('BackedUp', taken ? `Backup ${path}, verified, ${reason}.` : `No backup: ${reason}.`);
  }
  await applyCluster(cluster, live, clients);
  const address = { context: '', namespace: plan.namespace };
  const { nodes, cockroachDBVersion: version } = cluster.spec;
  const storageSize = sizeAsked(cluster as unknown as CrdbCluster) ?? '0';
  await nodesLive({ address, nodes, version, storageSize }, database, kubernetes, run);
  await tell('NodesLive', `${nodes} live node${nodes === 1 ? '' : 's'}.`);

  const { voters, ranges } = await copies(given, database, run);
  const each = `${plan.replicationFactor} cop${plan.replicationFactor === 1 ? 'y' : 'ies'} each, ${voters} voting`;
  await tell('Replicated', `${ranges} ranges with ${each}.`);

  for (const file of plan.sql.bootstrap) await runScript(database, given.script(file));
  await applySettings(database, licence);
  for (const user of plan.users) await logIn(user, given, stock, clients);
  await tell('UsersReady', `${plan.users.map(({ name }) => name).join(' and ')} can log in.`);
  if (await writeCredentials(stock, api))
    await tell('CredentialsWritten', "The app's addresses are written.");

  await removeOthers(given, api, run);
  return `${plan.phase} is reached: ${nodes} live node${nodes === 1 ? '' : 's'}, ${ranges} ranges with ${each}.`;
}

/** Refuses what must not be done, and gives the cluster; null when there is none. */
async function guard(
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

/** Applies the CrdbCluster, or asks what would become of it. Waits for the operator, which may have been installed a moment ago. */
function applied(cluster: ClusterManifest, api: Api, run: Run, dryRun: boolean): Promise<CrdbCluster> {
  const look = async (): Promise<Look<CrdbCluster>> => {
    try {
      return { done: (await api.apply(cluster, { dryRun })) as unknown as CrdbCluster };
    } catch (error) {
      const { code, message } = error as ApiError;
      // Another owner of the field, or a value that the definition does not allow.
      if (code === 409 || code === 422) throw Object.assign(new Refused(message), { name: 'Stop' });
      if (code === 403) throw Object.assign(error as Error, { name: 'Stop' });
      // No such kind yet, or its webhook does not answer.
      return { waiting: message };
    }
  };
  const next = 'Is the operator there? kubectl apply --server-side -k k8s/operator';
  return waitFor(look, { what: 'the operator', seconds: READY_SECONDS, every: 3, next }, run);
}

/** Waits until the phase before is finished, where the step begins with its cluster. Refuses fewer copies. */
async function beginsAt(
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
    // Of a new cluster, the default is none that anybody asked for.
    const isSet = (await hasTables(database)) && factor !== undefined;
    const fewer = isSet ? fewerCopies(plan, Number(factor)) : null;
    if (fewer !== null) throw Object.assign(new Refused(fewer), { name: 'Stop' });
    // In the middle of this step, its own stages wait for what they need.
    if (previous === null || live.spec.nodes >= nodes) return { done: true };
    const reports = await database.nodes();
    const unfinished =
      nodesMissing(reports, live.spec.nodes) ??
      remainingStatements(rows, copiesOf(previous.replicationFactor))[0] ??
      rangesMissing(reports) ??
      (await usersMissing(plan, previous.reader, database));
    return unfinished === null ? { done: true } : { waiting: unfinished };
  };
  const next = `Look at: kubectl -n ${plan.namespace} describe job ${jobName(previous?.phase ?? plan.phase)}`;
  const what = `the end of ${previous?.phase ?? 'the phase before'}`;
  await waitFor(look, { what, seconds: READY_SECONDS, every: 3, next }, run);
}

/** Whether there is a database yet: a first start may have been interrupted before. */
async function answers(database: Database): Promise<boolean> {
  return (await database.nodes()).some(({ ready }) => ready);
}

async function usersMissing({ users }: Plan, reader: boolean, database: Database): Promise<string | null> {
  const there = (await database.query({ text: 'SHOW USERS' })).map(({ username }) => username);
  const wanted = users.map(({ name }) => name).filter((name) => reader || name !== USERS.reader);
  const missing = wanted.filter((name) => !there.includes(name));
  return missing.length === 0 ? null : `there is no user ${missing.join(', ')}`;
}

/** A backup comes before the nodes, so that a step that has its nodes already has its backup; and before copies where no node is added. */
async function isBackupDue(
  { plan, cluster }: Given,
  live: CrdbCluster | null,
  database: Database,
): Promise<boolean> {
  if (live === null || plan.previous === null) return false;
  const { nodes } = cluster.spec;
  if (live.spec.nodes < nodes) return true;
  if (plan.previous.nodes < nodes) return false;
  return (await zonesLeft(plan, database)).length > 0;
}

function backupInputs(given: Given) {
  const { plan, cluster } = given;
  const { destination, encrypted } = plan.backup;
  return {
    address: { context: '', namespace: plan.namespace },
    destination: destination ?? required(given, 'destination', 'the address of the backups holds keys'),
    ...(encrypted ? { passphrase: required(given, 'passphrase', 'the backups are encrypted') } : {}),
    nodes: cluster.spec.nodes,
    replicationFactor: plan.replicationFactor,
  };
}

async function applyCluster(
  cluster: ClusterManifest,
  live: CrdbCluster | null,
  clients: Clients,
): Promise<void> {
  const { api, run, tell } = clients;
  const after = await applied(cluster, api, run, true);
  if (live !== null && isApplied(live, after)) return;
  await applied(cluster, api, run, false);
  await tell(
    'ClusterApplied',
    `The CrdbCluster asks for ${cluster.spec.nodes} node${cluster.spec.nodes === 1 ? '' : 's'}.`,
  );
}

async function zonesLeft({ replicationFactor }: Plan, database: Database): Promise<string[]> {
  const rows = await database.query({ text: 'SHOW ALL ZONE CONFIGURATIONS' });
  return remainingStatements(rows, copiesOf(replicationFactor));
}

/** Sets the copies, unless all zones ask for them already, and waits for them. */
async function copies(given: Given, database: Database, run: Run) {
  const { plan, cluster } = given;
  const left = await zonesLeft(plan, database);
  const script = given.script(plan.sql.replication);
  const inputs = left.length > 0 ? script : { ...script, statements: [] };
  return replicate(
    { ...inputs, replicationFactor: plan.replicationFactor, nodes: cluster.spec.nodes },
    database,
    run,
  );
}

/** In this order: a key is valid only for the organization that it names. */
function licenceSettings(given: Given): Record<string, string> {
  const { licence } = given.plan;
  if (licence === null) return {};
  return {
    ...(licence.organization === '' ? {} : { 'cluster.organization': licence.organization }),
    'enterprise.license': required(given, 'licence', 'a licence is asked for'),
  };
}

/** Makes the user, and gives it its password if it cannot log in with it. */
async function logIn(
  user: Plan['users'][number],
  given: Given,
  stock: Inventory,
  { database, run }: Clients,
): Promise<void> {
  const script = user.sql === null ? { file: '', lines: '', statements: [] } : given.script(user.sql);
  const login = { user: user.name, password: passwordOf(stock, user.password) };
  const works = await database
    .query({ text: 'SELECT 1 FROM search_terms LIMIT 1', database: DATABASE, login })
    .then(
      () => true,
      () => false,
    );
  run.signal.throwIfAborted();
  if (works) await runScript(database, script);
  else await setUp({ ...login, ...script }, database, run);
}

/**
 * Removes the Jobs of other phases that have ended, which an apply would find unchanged: the next step is to be taken even if it was tried
 * too early, and a step back is to be refused where everyone can see it.
 */
async function removeOthers({ plan }: Given, api: Api, run: Run): Promise<void> {
  for (const name of plan.others.map(jobName))
    if (await api.removeEnded(plan.namespace, name)) run.say(`The Job ${name}, which has ended, is removed.`);
}
