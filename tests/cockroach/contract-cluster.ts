import { expect } from 'vitest';
import { CockroachCluster } from '../../cli/commands/rehearse/cockroach/cluster.ts';
import { Load } from '../../cli/commands/rehearse/cockroach/load.ts';
import { Services } from '../../cli/commands/rehearse/cockroach/services.ts';
import { freePorts, HOST } from '../../cli/lib/machine/ports.ts';
import { run as runCommand } from '../../cli/lib/machine/processes.ts';
import { Scratch } from '../../cli/lib/machine/scratch.ts';
import { openClient } from '../../components/database/client.ts';
import { getPage } from '../../components/database/page.ts';
import { runScript } from '../../components/database/script.ts';
import { untilLive } from '../../components/database/settle.ts';
import { type Database, type Query, sumMetrics } from '../../components/database/sql.ts';
import { copiesOf, remainingStatements } from '../../components/database/zones.ts';
import { replicationScript } from '../../components/replication.ts';
import { replicate } from '../../components/steps/replicate.ts';
import { standInSettings, type TestedBinary } from '../support/cockroach.ts';
import { form } from '../support/statements.ts';

/** The cluster of the contract, with its Services and its load. It remembers the form of each statement that it is sent. */
export class ContractCluster {
  readonly scratch: Scratch;
  readonly run = { signal: new AbortController().signal, say: () => {} };
  readonly cluster: CockroachCluster;
  readonly services: Services;
  readonly load: Load;
  readonly database: Database & { close(): void };
  readonly #binary: TestedBinary;
  readonly #metricsPort: number;
  readonly #sent = new Set<string>();

  private constructor(
    binary: TestedBinary,
    cluster: CockroachCluster,
    scratch: Scratch,
    ports: readonly number[],
  ) {
    const [writer = 0, reader = 0, metrics = 0] = ports;
    this.#binary = binary;
    this.#metricsPort = metrics;
    this.scratch = scratch;
    this.cluster = cluster;
    this.services = new Services(cluster, { writer, reader }, scratch.path('credentials'));
    this.load = new Load(binary, cluster.certsDir, scratch, { sql: writer, metrics });
    const client = openClient(cluster.access, this.run);
    this.database = {
      ...client,
      query: (query) => {
        this.#sent.add(form(query.text));
        return client.query(query);
      },
    };
  }

  /** Makes its certificates. No node runs yet. */
  static async create(binary: TestedBinary): Promise<ContractCluster> {
    Object.assign(process.env, await standInSettings());
    const scratch = new Scratch();
    const cluster = await CockroachCluster.create(binary, scratch, new AbortController().signal);
    return new ContractCluster(binary, cluster, scratch, await freePorts(3));
  }

  /** Starts the first node, and listens at the Services. */
  async start(): Promise<void> {
    const first = this.cluster.start();
    await this.cluster.init(this.run.signal);
    await this.cluster.untilReady(first, this.run.signal);
    await this.services.listen();
  }

  async stop(): Promise<void> {
    await this.load.stop();
    this.services.close();
    this.database.close();
    await this.cluster.stop();
    this.scratch.remove();
  }

  /** Adds a node, and brings the replication factor up to this number of nodes. */
  async grow(nodes: number): Promise<void> {
    const name = this.cluster.start();
    await this.cluster.untilReady(name, this.run.signal);
    await untilLive(this.database, nodes, 120, this.run);
    const script = replicationScript(nodes);
    await runScript(this.database, script);
    expect(await this.zonesLeft(nodes), 'zones that sql/ does not know').toEqual([]);
    await replicate({ ...script, nodes, replicationFactor: nodes }, this.database, this.run);
  }

  /** Sends a statement that may be refused: the refusal is an answer too. Returns the code, or null. */
  async answer(query: Query): Promise<string | null> {
    try {
      await this.database.query(query);
      return null;
    } catch (error) {
      const { code, message } = error as Error & { code?: string };
      console.log(`answered to ${form(query.text).split('\n')[0]}: ${message} (${code})`);
      return code ?? message;
    }
  }

  hasBeenSent(text: string): boolean {
    return this.#sent.has(form(text));
  }

  ranges() {
    return this.database.query({ text: 'SHOW CLUSTER RANGES' });
  }

  /** The statements that would bring the zones to this replication factor. */
  async zonesLeft(factor: number): Promise<readonly string[]> {
    const zones = await this.database.query({ text: 'SHOW ALL ZONE CONFIGURATIONS' });
    return remainingStatements(zones, copiesOf(factor));
  }

  /** The metrics of each node, as text. */
  async nodeMetrics(): Promise<readonly string[]> {
    const { access, nodes } = this.cluster;
    const { ca } = await access.certificates();
    const pages = nodes.map(({ name }) => getPage(access, name, ca, '/_status/vars', this.run.signal));
    return (await Promise.all(pages)).map(({ body }) => body);
  }

  async loadMetrics(): Promise<string> {
    return (await fetch(`http://${HOST}:${this.#metricsPort}/metrics`)).text();
  }

  /** Ranges in purgatory, summed over the nodes. */
  async purgatory(): Promise<number> {
    return (await this.nodeMetrics()).reduce(
      (sum, body) => sum + (sumMetrics(body, ['queue_replicate_purgatory']).queue_replicate_purgatory ?? 0),
      0,
    );
  }

  /** Drains the node at this port, and times it. */
  async drain(port = 0): Promise<{ readonly seconds: number; readonly output: string }> {
    const start = Date.now();
    const args = ['node', 'drain', `--host=${HOST}:${port}`, `--certs-dir=${this.cluster.certsDir}`];
    const output = await runCommand(this.#binary.path, args, {
      signal: AbortSignal.timeout(120_000),
    }).catch((error) => `${error.message}: ${error.output}`);
    return { seconds: (Date.now() - start) / 1000, output };
  }
}
