import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INSERT_LOGIN } from '../../app/src/http/login.ts';
import { WITNESS_STATEMENTS } from '../../app/src/witness/database.ts';
import { WORKLOAD } from '../../cli/commands/rehearse/cockroach/load.ts';
import { REHEARSAL } from '../../cli/commands/rehearse/cockroach/statements.ts';
import { AppProcess } from '../../cli/commands/rehearse/stage/app-process.ts';
import { restoreCheck } from '../../cli/commands/restore-check/restore-check.ts';
import { cancelJob, fingerprints, restore } from '../../cli/commands/restore-check/statements.ts';
import { anyFreePort } from '../../cli/lib/machine/ports.ts';
import { listBackups, takeBackup } from '../../components/database/backup.ts';
import { runScript } from '../../components/database/script.ts';
import { lengthOfArray } from '../../components/database/sql.ts';
import { copiesOf, zoneStatements } from '../../components/database/zones.ts';
import { DATABASE, USERS } from '../../components/names.ts';
import { readScript, replicationScript } from '../../components/replication.ts';
import { replicate } from '../../components/steps/replicate.ts';
import { applySettings } from '../../components/steps/settings.ts';
import { SCHEMA_PROBE } from '../../components/workload.ts';
import { initStatements, probeStatement } from '../../components/workload-init.ts';
import { testedBinary } from '../support/cockroach.ts';
import { lookOnly, missingSeries } from '../support/cockroach-look.ts';
import { sendable } from '../support/statements.ts';
import { ContractCluster } from './contract-cluster.ts';

// Everything that the product sends to CockroachDB, and every reader of what it answers, on a cluster that is made for it and goes from
// one node to three. Each assumption that rests on documentation and source alone is a test that says so in its name, and prints what the
// database really did.
const found = testedBinary();
const onStandIn = found?.title.includes('stand-in') ?? false;
const PLACE = { destination: 'nodelocal://1/backups' };
const NO_SCRIPT = { file: '', lines: '', statements: [] };
const seen = (what: string) => console.log(`assumption, seen on ${found?.title}: ${what}`);

describe.skipIf(found === null)(`the contract with ${found?.title}`, { timeout: 900_000 }, () => {
  let contract: ContractCluster;
  let cluster: ContractCluster['cluster'];
  let database: ContractCluster['database'];
  let load: ContractCluster['load'];
  let run: ContractCluster['run'];
  let services: ContractCluster['services'];
  let app: AppProcess;

  beforeAll(async () => {
    if (found === null) return;
    contract = await ContractCluster.create(found);
    ({ cluster, database, load, run, services } = contract);
    await contract.start();
  });

  afterAll(async () => {
    await app?.stop();
    await contract?.stop();
  });

  it('the bootstrap runs, and runs again, and who waits for it sees it', async () => {
    for (const _ of [1, 2]) await runScript(database, readScript('00-bootstrap.sql'));
    const [row] = await database.query({ text: SCHEMA_PROBE, database: DATABASE });
    expect(Number(row?.terms)).toBeGreaterThan(0);
  });

  it('assumption: on one node, no zone names a factor that sql/ does not step, and each zone’s text is understood', async () => {
    const script = replicationScript(1);
    await runScript(database, script);
    const left = await contract.zonesLeft(1);
    if (left.length > 0) seen(`still to step: ${left.join('; ')}`);
    expect(left).toEqual([]);
    const { ranges: count } = await replicate({ ...script, nodes: 1, replicationFactor: 1 }, database, run);
    seen(`${count} ranges of one copy`);
  });

  it('assumption: the data of the load is there within 10 minutes', async () => {
    const { prepare, state, size, tables, begin, resize, drop, end, grant } = initStatements(WORKLOAD);
    const at = { database: DATABASE };
    for (const text of [prepare, state, size, tables, begin, resize, ...drop])
      await database.query({ text, ...at });
    const start = Date.now();
    await load.init(run.signal);
    const seconds = (Date.now() - start) / 1000;
    seen(`one warehouse of TPC-C was loaded in ${seconds.toFixed(1)} s`);
    for (const text of [end, grant, probeStatement(WORKLOAD)]) await database.query({ text, ...at });
    load.start();
    expect(seconds).toBeLessThan(600);
  });

  it.each(['kv', 'bank'] as const)('the init of the load %s is understood', async (kind) => {
    const workload = { kind, warehouses: 1, rate: 1 };
    const { drop, grant, ...rest } = initStatements(workload);
    const at = { database: DATABASE };
    await database.query({ text: `CREATE TABLE ${kind} (id INT8 PRIMARY KEY)`, ...at });
    for (const text of [...Object.values(rest), grant, probeStatement(workload)])
      await database.query({ text, ...at });
    for (const text of drop) await database.query({ text, ...at });
  });

  it('assumption: a user’s new grants are seen within 20 s, with follower reads too', async () => {
    await services.giveLogin(USERS.writer, NO_SCRIPT, database, run);
    const start = Date.now();
    await services.giveLogin(USERS.reader, readScript('10-phase1-reader-user.sql'), database, run);
    const seconds = (Date.now() - start) / 1000;
    seen(`${USERS.reader} could read ${seconds.toFixed(1)} s after it was made`);
    expect(seconds).toBeLessThan(20);
  });

  it('takes what the app sends, as the user that sends it', async () => {
    const [write, read, remove, removeOld] = WITNESS_STATEMENTS.map(({ text }) => text);
    const writer = { database: DATABASE, login: services.login(USERS.writer) };
    const runId = randomUUID();
    const login = [randomUUID(), 'contract', 'h', 'h'];
    for (const _ of [1, 2]) await database.query({ text: INSERT_LOGIN.text, values: login, ...writer });
    for (const _ of [1, 2]) await database.query({ text: write ?? '', values: [runId, '1'], ...writer });
    const found = await database.query({ text: read ?? '', values: [runId, '{1,2}'], ...writer });
    expect(found).toEqual([{ seq: '1' }]);
    await database.query({ text: remove ?? '', values: [runId, '2'], ...writer });
    await database.query({ text: removeOld ?? '', values: [runId], ...writer });
    const app = (await sendable()).filter(({ from }) => from === 'the app').map(({ text }) => text);
    const search = app.find((text) => text.startsWith('SELECT term')) ?? '';
    const terms = await database.query({ text: search, values: ['log', 'log\u{10FFFF}'], ...writer });
    expect(terms).toHaveLength(10);
    expect(await database.query({ text: REHEARSAL.logins, database: DATABASE })).toEqual([{ count: '1' }]);
  });

  it('refuses app_reader a write, whatever its session is set to', async () => {
    const reader = { database: DATABASE, login: services.login(USERS.reader) };
    expect(await contract.answer({ text: REHEARSAL.tryToInsert, ...reader })).toMatch(/^(42501|25006)$/);
    await database.query({ text: 'SET default_transaction_use_follower_reads = off', ...reader });
    await database.query({ text: 'BEGIN READ WRITE', ...reader });
    expect(await contract.answer({ text: REHEARSAL.tryToInsert, ...reader })).toBe('42501');
    await database.query({ text: 'ROLLBACK', ...reader });
  });

  it('assumption: on one copy, a backup can be taken, verified and restored, and the contents of every table compared', async () => {
    const backup = await takeBackup(PLACE, database, run);
    expect(backup).toMatchObject({ verified: true });
    const result = await restoreCheck(PLACE, {}, database, run, (work) => work(database, run), String);
    seen(`restored: ${result.tables.map(({ table, content }) => `${table} ${content}`).join(', ')}`);
    if (result.reason !== null) seen(`not compared: ${result.reason}`);
    expect(result).toMatchObject({ ok: true, removed: true, unexpected: [] });
    // A stand-in has no fingerprints.
    if (!onStandIn) expect(result.tables.filter(({ content }) => content === 'not compared')).toEqual([]);
  });

  it('takes an encrypted backup, and restores it with its passphrase only', async () => {
    const place = { destination: 'nodelocal://1/encrypted', passphrase: `it's "secret"` };
    await takeBackup(place, database, run);
    const result = await restoreCheck(place, {}, database, run, (work) => work(database, run), String);
    expect(result).toMatchObject({ ok: true, removed: true });
  });

  it('cancels a restore that is under way, or says that it has ended', async () => {
    const [path = ''] = await listBackups(PLACE, database);
    const [row] = await database.query(restore(PLACE, path, 'restore_check_20000101000000'));
    expect(row?.job_id).toMatch(/^\d+$/);
    await contract.answer(cancelJob(row?.job_id ?? ''));
    const job = async () => (await database.query({ text: `SHOW JOB ${row?.job_id}` }))[0]?.status;
    await expect.poll(job, { timeout: 60_000 }).toMatch(/^(succeeded|canceled)$/);
    await contract.answer({ text: 'DROP DATABASE "restore_check_20000101000000" CASCADE' });
  });

  it('takes a cluster setting with a bound value, and refuses a licence key that is none', async () => {
    await applySettings(database, { 'cluster.organization': 'Example' });
    const key = applySettings(database, { 'enterprise.license': 'no key' });
    // A stand-in takes any.
    if (onStandIn) await key;
    else await expect(key).rejects.toThrow('The cluster setting enterprise.license was refused');
  });

  it('assumption: in phase 1, every range of all zones has exactly one voter and one other copy', async () => {
    await contract.grow(2);
    const rows = await contract.ranges();
    const shapes = rows.map(
      (row) => `${lengthOfArray(row.voting_replicas)}+${lengthOfArray(row.non_voting_replicas)}`,
    );
    seen(`${rows.length} ranges of voters+others ${[...new Set(shapes)].join(', ')}`);
    expect(new Set(shapes)).toEqual(new Set(['1+1']));
  });

  it('assumption: the app sees that its reader cannot write, by 42501 or 25006', async () => {
    for (const [service, user] of [
      ['writer', USERS.writer],
      ['reader', USERS.reader],
    ] as const)
      services.handOut(service, user);
    app = new AppProcess({
      port: await anyFreePort(),
      writerUrlFile: services.urlFile('writer'),
      readerUrlFile: services.urlFile('reader'),
      allowanceSeconds: 15,
      logFile: contract.scratch.path('app.log'),
    });
    await app.ready(run.signal);
    const { checks } = (await (await fetch(`${app.address}/readyz`)).json()) as {
      checks: { readOnlyUser: { ok: boolean; detail: string } };
    };
    seen(checks.readOnlyUser.detail);
    expect(checks.readOnlyUser).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^app_reader cannot write \((42501|25006)\)/),
    });
  });

  it('assumption: in phase 2, no range is left in purgatory, and none has a copy that does not vote', async () => {
    await contract.grow(3);
    const rows = await contract.ranges();
    expect(rows.filter((row) => lengthOfArray(row.non_voting_replicas) > 0)).toEqual([]);
    await expect.poll(() => contract.purgatory(), { timeout: 60_000 }).toBe(0);
    seen(`${rows.length} ranges of three voters, none in purgatory`);
  });

  it('a zone that names a factor of its own is found in what the database lists, and stepped', async () => {
    const own = `ALTER DATABASE ${DATABASE} CONFIGURE ZONE USING num_replicas = 1, num_voters = 1`;
    await database.query({ text: own });
    const left = await contract.zonesLeft(3);
    expect(left).toEqual([own.replaceAll('= 1', '= 3')]);
    for (const text of left) await database.query({ text });
    expect(await contract.zonesLeft(3)).toEqual([]);
  });

  it('takes a higher factor than it has nodes, and the way back', async () => {
    for (const factor of [5, 7, 3])
      for (const text of zoneStatements(copiesOf(factor))) await database.query({ text });
  });

  it('assumption: the nodes and the load expose every series that a dashboard or an alert asks for', async () => {
    const nodes = await contract.nodeMetrics();
    const missing = async () => missingSeries([...nodes, await contract.loadMetrics()]);
    await expect.poll(missing).toEqual(onStandIn ? ['sys_totalmem'] : []);
  });

  it('is understood by what only looks', () => lookOnly(database, PLACE.destination));

  it('assumption: a node drains within 120 s, and a drain by the port for SQL does not hang', async () => {
    const node = cluster.nodes.at(-1);
    const hook = await contract.drain(node?.ports.sql);
    seen(
      `a drain by the port for SQL ended after ${hook.seconds.toFixed(1)} s: ${hook.output.trim().split('\n').at(-1)}`,
    );
    expect(hook.seconds).toBeLessThan(119);
    const { seconds, output } = await contract.drain(node?.ports.rpc);
    seen(`a drain took ${seconds.toFixed(1)} s`);
    expect(output).toMatch(/drain ok/);
    expect(seconds).toBeLessThan(119);
  });

  it('has been sent every statement that the product can send', async () => {
    // Sent by what the tests above have not come to: a connection that was idle, and a comparison that a stand-in does not get as far as.
    await database.query({ text: 'SELECT 1' });
    if (onStandIn) await contract.answer(fingerprints(DATABASE, 'search_terms', new Date().toISOString()));
    // Zones that no cluster has: they are there for the grammar.
    const all = (await sendable()).filter(({ from }) => from !== 'other zones');
    const missing = all.filter(({ text }) => !contract.hasBeenSent(text));
    expect(missing.map(({ from, text }) => `${from}: ${text}`)).toEqual([]);
  });
});
