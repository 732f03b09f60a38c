import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Backup, takeBackup } from '../../../components/database/backup.ts';
import { openClient } from '../../../components/database/client.ts';
import { replicate } from '../../../components/database/replication-provider.ts';
import { runScript, type Script } from '../../../components/database/script.ts';
import { untilLive, untilSettled } from '../../../components/database/settle.ts';
import type { Database } from '../../../components/database/sql.ts';
import {
  knownStores,
  type Stores,
  type Topology,
  type TopologyNode,
  topologyNodes,
  topologyRanges,
} from '../../../components/database/topology.ts';
import { setUp } from '../../../components/database/user-provider.ts';
import type { Run } from '../../../components/database/waiting.ts';
import { type Copies, copiesOf } from '../../../components/database/zones.ts';
import { DATABASE, USERS } from '../../../components/names.ts';
import { readScript, replicationScript } from '../../../components/replication.ts';
import type { PhaseName } from '../beats.ts';
import { Credentials } from '../credentials.ts';
import type { Demo, Played } from '../demo.ts';
import { Failure } from '../failure.ts';
import { HOST } from '../ports.ts';
import { untilReaderIs } from '../reader-moves.ts';
import type { Scratch } from '../scratch.ts';
import type { Stage } from '../stage.ts';
import { Balancer } from './balancer.ts';
import type { CockroachCluster } from './cluster.ts';
import { Load } from './load.ts';

/** On the disk of the first node, as on a cluster. */
const BACKUPS = { destination: 'nodelocal://1/backups' };
const NO_SCRIPT: Script = { file: '', lines: '', statements: [] };
/** Seconds for a node to join, or to come back. */
const LIVE_SECONDS = 120;
const SETTLE_SECONDS = 600;
const TRY_TO_INSERT = "INSERT INTO search_terms (term, popularity) VALUES ('rehearsal', 1)";

/** What a phase came to. */
interface PhaseFigures {
  readonly phase: string;
  readonly nodes: number;
  readonly ranges: number;
  readonly copies: Copies;
  /** From the change of the zones until every range had its copies. */
  readonly settledSeconds: number;
  /** The text of each zone that names a setting of its own, by its name. */
  readonly zones: Readonly<Record<string, string>>;
  /** Of the state before; null where there was nothing to protect. */
  readonly backup: Backup | null;
}

export interface CockroachDemoOptions {
  readonly cluster: CockroachCluster;
  readonly scratch: Scratch;
  /** Name of the node that a kill takes. @default the one that joined last */
  readonly victim: string | undefined;
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
  /** Of its own: what looks every two seconds must not wait for a statement of a step. */
  readonly #eyes: Database & { close(): void };
  readonly #credentials: Credentials;
  readonly #passwords = new Map<string, string>();
  readonly #services: Readonly<Record<'writer' | 'reader', Balancer>>;
  readonly #ports: Readonly<Record<'writer' | 'reader', number>>;
  readonly #load: Load;
  readonly #wantedVictim: string | undefined;
  readonly #phases: PhaseFigures[] = [];
  #loaded: { readonly seconds: number } | null = null;
  #reader: string = USERS.writer;
  #copies: Copies = copiesOf(1);
  #seen: { readonly stores: Stores; readonly nodes: readonly TopologyNode[] } = { stores: {}, nodes: [] };

  /** Nothing is started. */
  constructor({ cluster, scratch, run, victim, ports }: CockroachDemoOptions) {
    const [writer = 0, reader = 0, metrics = 0] = ports;
    this.#cluster = cluster;
    this.#run = run;
    this.#wantedVictim = victim;
    this.versions = { cockroach: cluster.binary.version };
    this.#database = openClient(cluster.access, run);
    this.#eyes = openClient(cluster.access, run);
    this.#credentials = new Credentials(scratch.path('credentials'));
    this.#ports = { writer, reader };
    this.#services = {
      writer: new Balancer(() => this.#targets(['n1', 'n2', 'n3'])),
      // The nearest one is another than the writer's, so that the two can be told apart.
      reader: new Balancer(() => this.#targets(['n2', 'n3', 'n1'])),
    };
    this.#load = new Load(cluster.binary, cluster.certsDir, scratch, { sql: writer, metrics });
  }

  /** Starts the first node, makes the app's tables and its first user, and hands out credentials. */
  async start(): Promise<void> {
    const { signal } = this.#run;
    const first = this.#cluster.start();
    await this.#cluster.init(signal);
    await this.#cluster.untilReady(first, signal);
    await runScript(this.#database, readScript('00-bootstrap.sql'));
    await this.#setUp(USERS.writer, NO_SCRIPT);
    for (const service of ['writer', 'reader'] as const) {
      await this.#services[service].listen(this.#ports[service]);
      this.#writeUrl(service, USERS.writer);
    }
  }

  /** Ends what it started beside the cluster's nodes. */
  async close(): Promise<void> {
    await this.#load.stop();
    for (const service of Object.values(this.#services)) service.close();
    this.#database.close();
    this.#eyes.close();
  }

  urlFile(connection: 'writer' | 'reader'): string {
    return this.#credentials.file(connection);
  }

  async loginEvents(): Promise<number> {
    const text = 'SELECT count(*) AS count FROM login_events';
    const [row] = await this.#database.query({ text, database: DATABASE });
    return Number(row?.count);
  }

  enter(phase: PhaseName, stage: Stage): Promise<Played> {
    const steps = {
      phase0: () => this.#phase0(stage),
      phase1: () => this.#phase1(stage),
      phase2: () => this.#grow(phase, 3),
    };
    return steps[phase]();
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
    await this.#setUp(USERS.reader, readScript('10-phase1-reader-user.sql'));
    this.#writeUrl('reader', USERS.reader);
    await untilReaderIs(USERS.reader, stage);
    this.#reader = USERS.reader;
    return {
      done: [
        ...done,
        'sql/10-phase1-reader-user.sql',
        `${USERS.reader} got a random password, and the app's credentials file for reads was replaced.`,
        `The app reads as ${USERS.reader} now, by way of ${this.#services.reader.node ?? 'another node'}. It was not restarted.`,
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

  get victim(): string {
    const names = this.#cluster.nodes.map(({ name }) => name);
    return names.find((name) => name === this.#wantedVictim) ?? names.at(-1) ?? '';
  }

  kill(): Promise<void> {
    return this.#cluster.kill(this.victim);
  }

  async revive({ signal }: Stage): Promise<void> {
    const { victim } = this;
    this.#cluster.restart(victim);
    await this.#cluster.untilReady(victim, signal);
    await untilSettled(this.#database, this.nodes, this.#copies, SETTLE_SECONDS, this.#run);
  }

  async topology(): Promise<Topology> {
    const nodes = await this.#eyes.nodes();
    // Without a node that takes SQL there is no use in waiting for one.
    const rows = nodes.some((node) => node.ready)
      ? await this.#eyes.query({ text: 'SHOW CLUSTER RANGES', seconds: 5 })
      : null;
    const stores = knownStores(this.#seen.stores, nodes);
    const shown = topologyNodes(nodes, rows ?? [], stores, this.#seen.nodes);
    this.#seen = { stores, nodes: shown };
    return {
      at: Date.now(),
      source: 'rehearsal',
      simulated: false,
      nodes: shown,
      ranges: rows === null ? null : topologyRanges(nodes, rows),
      writer: { user: USERS.writer, node: this.#services.writer.node },
      reader: { user: this.#reader, node: this.#services.reader.node },
    };
  }

  get figures(): object {
    return {
      kind: this.kind,
      version: this.versions.cockroach,
      phases: this.#phases,
      load: { workload: 'tpcc', loaded: this.#loaded, restarts: this.#load.restarts },
    };
  }

  #targets(order: readonly string[]) {
    const ready = this.#cluster.nodes.filter(({ name }) => this.#cluster.isReady(name));
    return order.flatMap((name) =>
      ready.filter((node) => node.name === name).map(({ ports }) => ({ name, port: ports.sql })),
    );
  }

  async #setUp(user: string, script: Script): Promise<void> {
    const password = randomBytes(24).toString('hex');
    await setUp({ ...script, user, password }, this.#database, this.#run);
    this.#passwords.set(user, password);
  }

  #writeUrl(connection: 'writer' | 'reader', user: string): void {
    const ca = encodeURIComponent(join(this.#cluster.certsDir, 'ca.crt'));
    const place = `${HOST}:${this.#ports[connection]}/${DATABASE}`;
    const url = `postgresql://${user}:${this.#passwords.get(user)}@${place}?sslmode=verify-full&sslrootcert=${ca}`;
    this.#credentials.write(connection, url);
  }

  /** What the database answers when the reader tries to write. */
  async #refusal(): Promise<string> {
    const user = USERS.reader;
    const login = { user, password: this.#passwords.get(user) ?? '' };
    const answer = await this.#database.query({ text: TRY_TO_INSERT, database: DATABASE, login }).then(
      () => null,
      (error: Error & { code?: string }) => error,
    );
    if (answer === null || !/^(42501|25006)$/.test(answer.code ?? ''))
      throw new Failure(
        answer === null
          ? `${user} must not write, and could: ${TRY_TO_INSERT}`
          : `${user} must be refused a write, and the database said: ${answer.message}`,
      );
    return `As ${user}: ${TRY_TO_INSERT}\nERROR: ${answer.message} (SQLSTATE ${answer.code})`;
  }
}

const seconds = (since: number) => Math.round((Date.now() - since) / 1000);
