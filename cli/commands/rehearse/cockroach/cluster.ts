import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeAccess } from '../../../../components/database/access.ts';
import { addressAccess, rootFiles } from '../../../../components/database/address-access.ts';
import { getPage } from '../../../../components/database/page.ts';
import { cliError } from '../../../lib/errors.ts';
import { freePorts, HOST } from '../../../lib/machine/ports.ts';
import { CommandFailed, run } from '../../../lib/machine/processes.ts';
import type { Scratch } from '../../../lib/machine/scratch.ts';
import { type Binary, cleanEnvironment } from './binary.ts';
import { makeCertificates } from './certificates.ts';
import { CockroachNode } from './node.ts';

/** As many as there ever are. */
const NAMES = ['n1', 'n2', 'n3'];
const INIT_MS = 60_000;
const READY_MS = 120_000;
/** Between two looks at whether a node is ready; a Service of Kubernetes notices within about ten seconds. */
const LOOK_MS = 500;

/** Up to three nodes of CockroachDB on this machine, each a process. */
export class CockroachCluster {
  readonly binary: Binary;
  readonly certsDir: string;
  readonly access: NodeAccess;
  readonly #all: readonly CockroachNode[];
  readonly #scratch: Scratch;
  readonly #died = new AbortController();
  readonly #ended = new AbortController();
  #started: readonly CockroachNode[] = [];
  #ready: ReadonlySet<string> = new Set();

  private constructor(binary: Binary, scratch: Scratch, ports: readonly number[]) {
    this.binary = binary;
    this.#scratch = scratch;
    this.certsDir = scratch.path('certs');
    const portsOf = (i: number) => {
      const [rpc = 0, sql = 0, http = 0] = ports.slice(3 * i, 3 * i + 3);
      return { rpc, sql, http };
    };
    const join = NAMES.map((_, i) => `${HOST}:${portsOf(i).rpc}`);
    this.#all = NAMES.map(
      (name, i) =>
        new CockroachNode({
          binary,
          name,
          ports: portsOf(i),
          certsDir: this.certsDir,
          store: scratch.path(name),
          join,
          logFile: scratch.path(`${name}.log`),
          onDeath: (error) => this.#died.abort(error),
        }),
    );
    this.access = addressAccess({
      nodes: () => this.#started.map(({ name, ports }) => ({ name, host: HOST, ports })),
      files: rootFiles(this.certsDir),
      lookAt: scratch.directory,
    });
  }

  /** Certificates are made; no node runs yet. */
  static async create(binary: Binary, scratch: Scratch, signal: AbortSignal): Promise<CockroachCluster> {
    const cluster = new CockroachCluster(binary, scratch, await freePorts(3 * NAMES.length));
    await makeCertificates(binary, cluster.certsDir, signal);
    void cluster.#watch();
    return cluster;
  }

  /** Aborted with a CliError when a node ends unexpectedly. */
  get died(): AbortSignal {
    return this.#died.signal;
  }

  /** The nodes that were started, in the order in which they joined. */
  get nodes(): readonly CockroachNode[] {
    return this.#started;
  }

  isReady(name: string): boolean {
    return this.#ready.has(name);
  }

  /** Starts the next node. It joins the others by itself. Returns its name. */
  start(): string {
    const node = this.#all[this.#started.length];
    if (node === undefined) throw new Error('all nodes are there');
    this.#started = [...this.#started, node];
    this.#begin(node);
    return node.name;
  }

  /** Makes a cluster of the first node: once, and never again. */
  async init(signal: AbortSignal): Promise<void> {
    const [node] = this.#started;
    if (node === undefined) throw new Error('no node was started');
    const args = ['init', `--host=${HOST}:${node.ports.rpc}`, `--certs-dir=${this.certsDir}`];
    const deadline = Date.now() + INIT_MS;
    for (;;) {
      this.#died.signal.throwIfAborted();
      signal.throwIfAborted();
      try {
        await run(this.binary.path, args, { env: cleanEnvironment(), signal });
        return;
      } catch (error) {
        signal.throwIfAborted();
        const output = error instanceof CommandFailed ? error.output : String(error);
        // An answer that was lost on its way.
        if (/already been initialized/.test(output)) return;
        if (Date.now() > deadline) throw cliError('EVO-913', { command: 'init', problem: output });
      }
      await sleep(LOOK_MS, undefined, { signal });
    }
  }

  /** Waits until the node takes SQL. */
  async untilReady(name: string, signal: AbortSignal): Promise<void> {
    const deadline = Date.now() + READY_MS;
    while (!this.isReady(name)) {
      this.#died.signal.throwIfAborted();
      if (Date.now() > deadline)
        throw cliError('EVO-915', {
          name,
          seconds: READY_MS / 1000,
          log: this.#scratch.path(`${name}.log`),
        });
      await sleep(100, undefined, { signal });
    }
  }

  /** Ends a node as a machine that loses its power. */
  async kill(name: string): Promise<void> {
    await this.#find(name).kill();
    this.#ready = new Set([...this.#ready].filter((other) => other !== name));
  }

  /** Starts a node that was killed, with the data that it had. */
  restart(name: string): void {
    this.#begin(this.#find(name));
  }

  /** Ends all nodes at once: their data goes with them, so there is nothing to finish. */
  async stop(): Promise<void> {
    this.#ended.abort();
    await Promise.all(this.#started.map((node) => node.kill()));
  }

  #begin(node: CockroachNode): void {
    node.start();
    this.#scratch.record(`CockroachDB ${node.name}`, node.pid ?? 0, 'SIGKILL');
  }

  #find(name: string): CockroachNode {
    const found = this.#started.find((node) => node.name === name);
    if (found === undefined) throw new Error(`there is no node ${name}`);
    return found;
  }

  /** Keeps asking the nodes whether they are ready, as Kubernetes does by its probes. */
  async #watch(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      const asked = this.#started.filter((node) => node.isRunning);
      const answers = await Promise.all(asked.map(({ name }) => this.#asks(name, signal)));
      // One that was killed meanwhile is not ready, whatever it last said.
      this.#ready = new Set(asked.filter((node, i) => answers[i] && node.isRunning).map(({ name }) => name));
      await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #asks(name: string, signal: AbortSignal): Promise<boolean> {
    try {
      const { ca } = await this.access.certificates();
      return (await getPage(this.access, name, ca, '/health?ready=1', signal)).status === 200;
    } catch {
      return false;
    }
  }
}
