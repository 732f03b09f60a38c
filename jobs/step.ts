import { sizeAsked } from '../components/database/disks.ts';
import type { CrdbCluster } from '../components/database/kubernetes.ts';
import { runScript } from '../components/database/script.ts';
import type { Database } from '../components/database/sql.ts';
import type { Run } from '../components/database/waiting.ts';
import { copiesOf, remainingStatements } from '../components/database/zones.ts';
import { DATABASE } from '../components/names.ts';
import { nodesLive } from '../components/steps/nodes-live.ts';
import { protect } from '../components/steps/protect.ts';
import { replicate } from '../components/steps/replicate.ts';
import { applySettings } from '../components/steps/settings.ts';
import { setUp } from '../components/steps/user.ts';
import type { Api } from './api.ts';
import { applied, beginsAt, type Clients, guard } from './begin.ts';
import { type ClusterManifest, type Given, required } from './files.ts';
import { isApplied } from './guard.ts';
import { jobName } from './names.ts';
import { type Inventory, makeMissing, passwordOf, takeStock, writeCredentials } from './objects.ts';
import type { Plan } from './plan.ts';

/**
 * Takes the step to a phase, or resumes it: every stage inspects the cluster first and does only what is missing. Throws a Refused before
 * anything is changed. Returns a line that says what was reached.
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

/** A backup is taken before nodes are added, so a step with its nodes has its backup. A step without new nodes takes it before the zones. */
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

/** Sets the replication factor of the zones, unless they all have it, and waits for the copies. */
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

/** Creates the user, and sets its password if it cannot log in with it yet. */
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
 * Deletes the ended Jobs of other phases, because `kubectl apply` would leave them unchanged: a later step must run even if it was tried
 * too early, and a step back must run to be refused visibly.
 */
async function removeOthers({ plan }: Given, api: Api, run: Run): Promise<void> {
  for (const name of plan.others.map(jobName))
    if (await api.removeEnded(plan.namespace, name)) run.say(`The Job ${name}, which has ended, is removed.`);
}
