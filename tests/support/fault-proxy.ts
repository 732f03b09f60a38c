import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What the network does to connections. */
export type Fault =
  | { readonly kind: 'none' }
  /** Everything comes this much later. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** A share of what is sent is lost, and comes when it is sent again, with all that was sent after it. */
  | { readonly kind: 'loss'; readonly share: number; readonly ms: number }
  /** Nothing comes through, and all of it once the fault is over. */
  | { readonly kind: 'stall' }
  /** One byte at a time. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  /** Open connections are reset, new ones too. */
  | { readonly kind: 'reset' }
  /** The other side is gone and nobody says so: connections that are open, or are opened, are silent for ever. */
  | { readonly kind: 'half-open' }
  /** Open connections are closed; new ones are taken, and silent for ever. */
  | { readonly kind: 'hang' }
  /** Open connections are closed; new ones are refused. */
  | { readonly kind: 'refuse' };

const FORGET_MS = 60_000;

/** A TCP proxy on loopback that does to its connections what a network may do. */
export class FaultProxy {
  fault: Fault = { kind: 'none' };
  readonly #target: () => number;
  readonly #random: () => number;
  readonly #host: string;
  readonly #links = new Set<Link>();
  #server: Server | undefined;
  #port = 0;

  private constructor(target: () => number, random: () => number, host: string) {
    this.#target = target;
    this.#random = random;
    this.#host = host;
  }

  /** `target` is the port where connections go, on `host`. */
  static async start(
    target: () => number,
    random: () => number = Math.random,
    host = '127.0.0.1',
  ): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, random, host);
    await proxy.#listen();
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  /** Connections that go on to the target: all but those that are silent for ever. */
  get alive(): number {
    return [...this.#links].filter(({ silent }) => !silent).length;
  }

  /** Begins a fault, or with `none` ends it. */
  async set(fault: Fault): Promise<void> {
    this.fault = fault;
    if (fault.kind === 'refuse') await this.#unlisten();
    for (const link of this.#links) link.meet(fault);
    if (fault.kind !== 'refuse' && this.#server === undefined) await this.#listen();
  }

  async close(): Promise<void> {
    await this.#unlisten();
    for (const link of this.#links) link.reset();
  }

  async #listen(): Promise<void> {
    // Half open is for us to decide: a client that ends its side is not answered by itself.
    const server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async #unlisten(): Promise<void> {
    // Its connections go on: `close` is not waited for.
    this.#server?.close();
    this.#server = undefined;
  }

  #accept(client: Socket): void {
    const link = new Link(client, { port: this.#target(), host: this.#host }, this.#random, () =>
      this.#links.delete(link),
    );
    this.#links.add(link);
    link.meet(this.fault, true);
  }
}

/** A client's connection and the one that was opened for it. */
class Link {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #pipes: readonly Pipe[];
  #silent = false;

  constructor(
    client: Socket,
    target: { readonly port: number; readonly host: string },
    random: () => number,
    closed: () => void,
  ) {
    this.#client = client;
    this.#upstream = connect({ ...target, noDelay: true });
    this.#pipes = [new Pipe(client, this.#upstream, random), new Pipe(this.#upstream, client, random)];
    client.setNoDelay(true);
    client.on('error', () => {});
    client.on('close', () => {
      closed();
      this.#upstream.destroy();
    });
    this.#upstream.on('error', () => {});
    this.#upstream.on('close', (failed) => {
      if (this.#silent) return;
      if (failed) client.resetAndDestroy();
      else this.#pipes[1]?.end();
    });
    client.on('end', () => {
      if (!this.#silent) this.#upstream.end();
    });
  }

  get silent(): boolean {
    return this.#silent;
  }

  meet(fault: Fault, isNew = false): void {
    if (this.#silent) return;
    if (fault.kind === 'reset') this.reset();
    else if (fault.kind === 'half-open' || (fault.kind === 'hang' && isNew)) this.#fallSilent();
    else if (fault.kind === 'hang' || fault.kind === 'refuse') this.#client.destroy();
    else for (const pipe of this.#pipes) pipe.meet(fault);
  }

  reset(): void {
    this.#client.resetAndDestroy();
  }

  #fallSilent(): void {
    this.#silent = true;
    for (const pipe of this.#pipes) pipe.stop();
    this.#client.resume();
    // Long after the client lost patience: only so that this process does not keep all of them.
    this.#client.on('end', () => setTimeout(() => this.#client.destroy(), FORGET_MS).unref());
    this.#upstream.destroy();
  }
}

/** One direction: what was sent waits here until the fault lets it go on, in order. */
class Pipe {
  readonly #to: Socket;
  readonly #random: () => number;
  readonly #queue: { data: Buffer; readonly dueAt: number }[] = [];
  #fault: Fault = { kind: 'none' };
  #timer: NodeJS.Timeout | undefined;
  #ended = false;
  #stopped = false;

  constructor(from: Socket, to: Socket, random: () => number) {
    this.#to = to;
    this.#random = random;
    from.on('data', (data) => {
      if (this.#stopped) return;
      this.#queue.push({ data, dueAt: performance.now() + this.#delay() });
      this.#move();
    });
  }

  meet(fault: Fault): void {
    this.#fault = fault;
    this.#move();
  }

  /** What waits is still sent, then the end. */
  end(): void {
    this.#ended = true;
    this.#move();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#queue.length = 0;
  }

  #delay(): number {
    if (this.#fault.kind === 'latency') return this.#fault.ms;
    if (this.#fault.kind === 'loss') return this.#random() < this.#fault.share ? this.#fault.ms : 0;
    return 0;
  }

  #move(): void {
    clearTimeout(this.#timer);
    while (this.#queue[0] !== undefined && !this.#stopped) {
      const wait = this.#wait(this.#queue[0].dueAt);
      if (wait === Number.POSITIVE_INFINITY) return;
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#move(), wait);
        return;
      }
      this.#sendNext(this.#queue[0]);
    }
    if (this.#ended) this.#to.end();
  }

  /** How long the first piece has to wait still. What is late already when a fault ends is late no longer. */
  #wait(dueAt: number): number {
    if (this.#fault.kind === 'stall') return Number.POSITIVE_INFINITY;
    return this.#fault.kind === 'none' ? 0 : dueAt - performance.now();
  }

  #sendNext(first: { data: Buffer; readonly dueAt: number }): void {
    this.#queue.shift();
    if (this.#fault.kind !== 'drip' || first.data.length === 1) {
      this.#to.write(first.data);
      return;
    }
    this.#to.write(first.data.subarray(0, 1));
    this.#queue.unshift({ data: first.data.subarray(1), dueAt: performance.now() + this.#fault.everyMs });
  }
}
