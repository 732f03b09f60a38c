import { type Backup, takeBackup } from '../../../../components/database/backup.ts';
import { openClient } from '../../../../components/database/client.ts';
import { runScript, type Script } from '../../../../components/database/script.ts';
import { untilLive, untilSettled } from '../../../../components/database/settle.ts';
import type { Database } from '../../../../components/database/sql.ts';
import type { Topology } from '../../../../components/database/topology.ts';
import type { Run } from '../../../../components/database/waiting.ts';
import { type Copies, copiesOf } from '../../../../components/database/zones.ts';
import { DATABASE, USERS } from '../../../../components/names.ts';
import { readScript, replicationScript } from '../../../../components/replication.ts';
import { replicate } from '../../../../components/steps/replicate.ts';
import { cliError, withDatabaseErrors } from '../../../lib/errors.ts';
import type { Scratch } from '../../../lib/machine/scratch.ts';
import type { PhaseName } from '../stage/beat.ts';
import type { Demo, Played } from '../stage/demo.ts';
import { untilReaderIs } from '../stage/reader-moves.ts';
import type { Stage } from '../stage/stage.ts';
import type { CockroachCluster } from './cluster.ts';
import { Load } from './load.ts';
import { Services } from './services.ts';
import { REHEARSAL } from './statements.ts';
import { NodeTopology } from './topology.ts';

/** On the disk of the first node, as on a cluster. */
const BACKUPS = { destination: 'nodelocal://1/backups' };
const NO_SCRIPT: Script = { file: '', lines: '', statements: [] };
/** Seconds for a node to join, or to come back. */
const LIVE_SECONDS = 120;
const SETTLE_SECONDS = 600;

/** What a phase came to. */
interface PhaseResult {
  readonly phase: string;
  readonly nodes: number;
  readonly ranges: number;
  readonly copies: Copies;
  /** From the change of the zones until every range had its copies. */
  readonly settledSeconds: number;
  /** The text of each zone that names its own setting, by its name. */
  readonly zones: Readonly<Record<string, string>>;
  /** Of the state before; null where there was nothing to protect. */
  readonly backup: Backup | null;
}

export interface CockroachDemoOptions {
  readonly cluster: CockroachCluster;
  readonly scratch: Scratch;
  /** Name of the node that a kill takes. @default the one that joined last */
  readonly target: string | undefined;
  readonly run: Run;
  /** Of `crdb-writer`, of `crdb-reader`, and of the metrics of the load. */
  readonly ports: readonly number[];
}

/** The phases on CockroachDB: the steps of the program, by the same code, on nodes that are processes of this machine. */
export class CockroachDemo implements Demo {
  readonly kind = 'cockroach';
  readonly versions: Readonly<Record<string, string>>;
  readonly #cluster: CockroachCluster;
  readonly #run: Run;
  readonly #database: Database & { close(): void };
  readonly #topology: NodeTopology;
  readonly #services: Services;
  readonly #load: Load;
  readonly #wantedTarget: string | undefined;
  readonly #phases: PhaseResult[] = [];
  #loaded: { readonly seconds: number } | null = null;
  #reader: string = USERS.writer;
  #copies: Copies = copiesOf(1);

  /** Nothing is started. */
  constructor({ cluster, scratch, run, target, ports }: CockroachDemoOptions) {
    const [writer = 0, reader = 0, metrics = 0] = ports;
    this.#cluster = cluster;
    this.#run = run;
    this.#wantedTarget = target;
    this.versions = { cockroach: cluster.binary.version };
    this.#database = openClient(cluster.access, run);
    this.#topology = new NodeTopology(cluster, run);
    this.#services = new Services(cluster, { writer, reader }, scratch.path('credentials'));
    this.#load = new Load(cluster.binary, cluster.certsDir, scratch, { sql: writer, metrics });
  }

  /** Starts the first node, makes the app's tables and its first user, and hands out credentials. */
  async start(): Promise<void> {
    const { signal } = this.#run;
    const first = this.#cluster.start();
    await this.#cluster.init(signal);
    await this.#cluster.untilReady(first, signal);
    await runScript(this.#database, readScript('00-bootstrap.sql'));
    await this.#services.giveLogin(USERS.writer, NO_SCRIPT, this.#database, this.#run);
    await this.#services.listen();
    for (const service of ['writer', 'reader'] as const) this.#services.handOut(service, USERS.writer);
  }

  /** Ends what it started beside the cluster's nodes. */
  async close(): Promise<void> {
    await this.#load.stop();
    this.#services.close();
    this.#database.close();
    this.#topology.close();
  }

  urlFile(connection: 'writer' | 'reader'): string {
    return this.#services.urlFile(connection);
  }

  async loginEvents(): Promise<number> {
    const [row] = await this.#database.query({ text: REHEARSAL.logins, database: DATABASE });
    return Number(row?.count);
  }

  enter(phase: PhaseName, stage: Stage): Promise<Played> {
    const steps = {
      phase0: () => this.#phase0(stage),
      phase1: () => this.#phase1(stage),
      phase2: () => this.#grow(phase, 3),
    };
    return withDatabaseErrors(this.#run.signal, steps[phase]);
  }

  async #phase0(stage: Stage): Promise<Played> {
    const { done } = await this.#replicate('phase0', null);
    await stage.app.startLoad();
    const start = Date.now();
    this.#run.say('Loading one warehouse of TPC-C. That takes a minute or so.');
    await this.#load.init(stage.signal);
    this.#loaded = { seconds: seconds(start) };
    await this.#database.query(this.#load.grant);
    this.#load.start();
    return {
      done: [
        'sql/00-bootstrap.sql, before the app started.',
        ...done,
        'The load of the app is on.',
        `TPC-C was loaded in ${this.#loaded.seconds} s, and runs as ${USERS.load}: its log is load.log.`,
        'No backup before this step: there was nothing to protect.',
      ],
      skipped: [],
    };
  }

  async #phase1(stage: Stage): Promise<Played> {
    const { done, skipped } = await this.#grow('phase1', 2);
    const script = readScript('10-phase1-reader-user.sql');
    await this.#services.giveLogin(USERS.reader, script, this.#database, this.#run);
    this.#services.handOut('reader', USERS.reader);
    await untilReaderIs(USERS.reader, stage);
    this.#reader = USERS.reader;
    return {
      done: [
        ...done,
        'sql/10-phase1-reader-user.sql',
        `${USERS.reader} got a random password, and the app's credentials file for reads was replaced.`,
        `The app reads as ${USERS.reader} now, by way of ${this.#services.nodeOf('reader') ?? 'another node'}. It was not restarted.`,
        await this.#refusal(),
      ],
      skipped,
    };
  }

  /** A verified backup, one node more, and its copies. */
  async #grow(phase: PhaseName, nodes: number): Promise<Played> {
    const backup = await takeBackup(BACKUPS, this.#database, this.#run);
    const name = this.#cluster.start();
    await this.#cluster.untilReady(name, this.#run.signal);
    await untilLive(this.#database, nodes, LIVE_SECONDS, this.#run);
    const { done } = await this.#replicate(phase, backup);
    return {
      done: [
        `Backup ${backup.path}: ${backup.rows} rows of ${backup.tables.length} tables, each file of it found.`,
        `Node ${name} has joined: ${nodes} nodes are live. No node was restarted.`,
        ...done,
      ],
      skipped: [],
    };
  }

  /** Every zone gets the copies that go with the number of nodes, and every range is waited for. */
  async #replicate(phase: PhaseName, backup: Backup | null): Promise<Played> {
    const nodes = this.#cluster.nodes.length;
    const script = replicationScript(nodes);
    const inputs = { ...script, nodes, replicationFactor: nodes };
    const { ranges, seconds: settledSeconds } = await replicate(inputs, this.#database, this.#run);
    this.#copies = copiesOf(nodes);
    const rows = await this.#database.query({ text: 'SHOW ALL ZONE CONFIGURATIONS' });
    const zones = Object.fromEntries(
      rows.map((row) => [row.target ?? '', (row.raw_config_sql ?? '').replace(/\s+/g, ' ')]),
    );
    this.#phases.push({ phase, nodes, ranges, copies: this.#copies, settledSeconds, zones, backup });
    const { replicas, voters } = this.#copies;
    return {
      done: [
        `sql/${script.file}: every zone, read back.`,
        `All ${ranges} ranges have ${replicas} ${replicas === 1 ? 'copy' : 'copies'}, ${voters} voting, after ${settledSeconds} s.`,
      ],
      skipped: [],
    };
  }

  get nodes(): number {
    return this.#cluster.nodes.length;
  }

  get target(): string {
    const names = this.#cluster.nodes.map(({ name }) => name);
    return names.find((name) => name === this.#wantedTarget) ?? names.at(-1) ?? '';
  }

  kill(): Promise<void> {
    return this.#cluster.kill(this.target);
  }

  async revive({ signal }: Stage): Promise<void> {
    const { target } = this;
    this.#cluster.restart(target);
    await withDatabaseErrors(this.#run.signal, async () => {
      await this.#cluster.untilReady(target, signal);
      await untilSettled(this.#database, this.nodes, this.#copies, SETTLE_SECONDS, this.#run);
    });
  }

  async topology(): Promise<Topology> {
    return {
      at: Date.now(),
      source: 'rehearsal',
      simulated: false,
      ...(await this.#topology.look()),
      writer: { user: USERS.writer, node: this.#services.nodeOf('writer') },
      reader: { user: this.#reader, node: this.#services.nodeOf('reader') },
    };
  }

  get results(): object {
    return {
      kind: this.kind,
      version: this.versions.cockroach,
      phases: this.#phases,
      load: { workload: 'tpcc', loaded: this.#loaded, restarts: this.#load.restarts },
    };
  }

  /** What the database answers when the reader tries to write. */
  async #refusal(): Promise<string> {
    const user = USERS.reader;
    const login = this.#services.login(user);
    const text = REHEARSAL.tryToInsert;
    const answer = await this.#database.query({ text, database: DATABASE, login }).then(
      () => null,
      (error: Error & { code?: string }) => error,
    );
    if (answer === null || !/^(42501|25006)$/.test(answer.code ?? ''))
      throw cliError('EVO-932', {
        user,
        problem:
          answer === null
            ? `it must not write, but could: ${text}`
            : `a write must be refused, but the database answered: ${answer.message}`,
      });
    return `As ${user}: ${text}\nERROR: ${answer.message} (SQLSTATE ${answer.code})`;
  }
}

const seconds = (since: number) => Math.round((Date.now() - since) / 1000);
